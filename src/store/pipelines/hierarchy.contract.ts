import { describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { bridge, job, plan } from '../../pipeline/test-support/plan-builder.ts';
import { latestPassedJob } from '../jobs/jobs.ts';
import { addProject, pushOf } from '../test-support/sample-project.ts';
import { type TestDatabases, testStore } from '../test-support/test-databases.ts';
import type { NewPipeline } from './create-pipeline.ts';
import { latestPipeline, pipelineById, pipelineOfBridge } from './find-pipelines.ts';
import { areOfOneFamily, familySize, lineageOf } from './hierarchy.ts';
import { addMirror, mirrorsOf } from './mirrors.ts';
import { createPipelineStore } from './pipeline-store.ts';

/** What pipelines that start each other find out about each other. */
export function describeHierarchy(databases: TestDatabases): void {
  describe(`pipelines of pipelines on ${databases.name}`, () => {
    async function open() {
      const database = await databases.create();
      const stores = [await testStore(databases, database), await testStore(databases, database)] as const;
      const [store] = stores;
      const project = await addProject(store, 'team/app');
      const [pipelines, others] = [
        createPipelineStore(store, systemClock),
        createPipelineStore(stores[1], systemClock),
      ];

      async function jobId(pipelineId: number, name: string): Promise<number> {
        const rows = await store.read((db) =>
          db.selectFrom('jobs').select(['id', 'name']).where('pipeline_id', '=', pipelineId).execute(),
        );
        return rows.find((row) => row.name === name)?.id ?? 0;
      }
      const both = plan({ one: [job('build'), bridge('on')] });
      async function make(more: Partial<NewPipeline> = {}): Promise<number> {
        return (await pipelines.create({ ...pushOf(project, both), ...more })).id;
      }
      async function makeFrom(upstream: number, more: Partial<NewPipeline> = {}): Promise<number> {
        const parentJobId = await jobId(upstream, 'on');
        return make({ source: 'parent_pipeline', parentJobId, ...more });
      }
      const row = async (id: number) => {
        const found = await store.read((db) => pipelineById(db, id));
        if (found === null) throw new Error(`No pipeline ${id}`);
        return found;
      };
      return { store, project, pipelines, others, jobId, make, makeFrom, row };
    }

    it('know what led to them, and how many there are', async () => {
      const { store, make, makeFrom, row } = await open();
      const other = await addProject(store, 'team/other');
      const first = await make();
      const child = await makeFrom(first);
      const far = await makeFrom(child, { projectId: other, source: 'pipeline', ref: 'next' });
      const alone = await make();
      expect(await store.read((db) => lineageOf(db, far))).toEqual([
        { id: first, project: 'team/app', ref: 'main', source: 'push' },
        { id: child, project: 'team/app', ref: 'main', source: 'parent_pipeline' },
        { id: far, project: 'team/other', ref: 'next', source: 'pipeline' },
      ]);
      const rows = await Promise.all([first, child, far, alone].map(row));
      const sizes = await store.read((db) => Promise.all(rows.map((each) => familySize(db, each, 1000))));
      expect(sizes).toEqual([3, 3, 3, 1]);
      expect(await store.read((db) => familySize(db, rows[2] ?? { id: 0, root_id: null }, 2))).toBe(2);
      expect(rows.map((each) => areOfOneFamily(each, rows[1] ?? each))).toEqual([true, true, true, false]);
    });

    it('are one at most for an attempt of a job, whoever makes them', async () => {
      const { store, project, pipelines, others, jobId, make } = await open();
      const upstream = await make();
      const parentJobId = await jobId(upstream, 'on');
      const child = { ...pushOf(project, plan({ one: [job('a')] })), parentJobId };
      const made = await Promise.allSettled([
        pipelines.create(child),
        others.create(child),
        pipelines.createFailed(child),
        others.create(child),
      ]);
      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await store.read((db) => pipelineOfBridge(db, parentJobId))).toMatchObject({
        root_id: upstream,
      });
    });

    it('find the last job that has passed for a ref, children aside', async () => {
      const { store, project, pipelines, jobId, make, makeFrom } = await open();
      async function end(pipelineId: number, status: 'success' | 'failed'): Promise<number> {
        const outcome =
          status === 'success' ? { status } : ({ status, reason: 'script_failure', exitCode: 1 } as const);
        await pipelines.apply(pipelineId, [{ type: 'job-finished', job: 'build', attempt: 1, outcome }]);
        return jobId(pipelineId, 'build');
      }
      const find = (ref: string) =>
        store.read(async (db) => (await latestPassedJob(db, { projectId: project, ref, name: 'build' }))?.id);
      expect(await find('main')).toBeUndefined();
      const first = await make();
      const old = await end(first, 'success');
      expect(await find('main')).toBe(old);
      await end(await makeFrom(first), 'success');
      await end(await make({ ref: 'next' }), 'success');
      const failed = await make();
      await end(failed, 'failed');
      expect(await find('main')).toBe(old);
      await pipelines.apply(failed, [
        { type: 'job-retried', job: 'build', variables: null },
        { type: 'job-finished', job: 'build', attempt: 2, outcome: { status: 'success' } },
      ]);
      const again = await find('main');
      expect(again).toBeGreaterThan(await jobId(failed, 'build'));
    });

    it('show the newest pipeline of a ref, and are told of it', async () => {
      const { store, project, jobId, make, makeFrom } = await open();
      const newest = async () => (await store.read((db) => latestPipeline(db, project, 'main')))?.id;
      expect(await newest()).toBeUndefined();
      const first = await make();
      await makeFrom(first);
      await make({ ref: 'next' });
      expect(await newest()).toBe(first);
      const shows = await jobId(await make(), 'on');
      await store.write(({ db }) => addMirror(db, shows, first));
      await store.write(({ db }) => addMirror(db, shows, first + 1));
      expect(await store.read((db) => mirrorsOf(db, first + 1))).toEqual([]);
      expect(await store.read((db) => mirrorsOf(db, first))).toMatchObject([{ id: shows, name: 'on' }]);
    });
  });
}
