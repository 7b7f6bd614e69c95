import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import {
  type Command,
  createState,
  type PipelineEvent,
  type PipelineState,
  toJson,
} from '../../pipeline/index.ts';
import { arbitraryCourse, type Course, runCourse } from '../../pipeline/test-support/course.ts';
import { job, plan } from '../../pipeline/test-support/plan-builder.ts';
import type { Store } from '../store.ts';
import { addProject, pushOf } from '../test-support/sample-project.ts';
import { type TestDatabases, testStore } from '../test-support/test-databases.ts';
import { listPipelines } from './list-pipelines.ts';
import { createPipelineStore, type PipelineStore } from './pipeline-store.ts';

/** Laws of pipelines in a database. `runs`: how many histories are tried of each. */
export function describePipelineStore(databases: TestDatabases, runs: number): void {
  describe(`the pipelines of a store on ${databases.name}`, () => {
    it('go the same way as in memory, whoever of two has them in memory', async () => {
      const database = await databases.create();
      const stores = [await testStore(databases, database), await testStore(databases, database)] as const;
      const projectId = await addProject(stores[0], 'a');
      const pipelines = stores.map((store) => createPipelineStore(store, systemClock));
      await fc.assert(
        fc.asyncProperty(arbitraryCourse, fc.infiniteStream(fc.nat({ max: 5 })), async (course, dice) => {
          const { events, commands, state } = historyOf(course);
          const { id, commands: first } = await the(pipelines[0]).create(pushOf(projectId, course.plan));
          const told: Command[] = [...first];
          const waiting = events.slice(1); // It was started when it was made.
          while (waiting.length > 0) {
            const [turn = 0, count = 1] = [dice.next().value, dice.next().value];
            const answer = await the(pipelines[turn % 2]).apply(id, waiting.splice(0, count + 1));
            told.push(...(answer ?? []));
          }
          expect(told).toEqual(commands);
          for (const one of pipelines) expect(json(await one.state(id))).toEqual(json(state));
          expect(json(await createPipelineStore(stores[0], systemClock).state(id))).toEqual(json(state));
        }),
        { numRuns: runs },
      );
    });

    it('have one history when two apply events at the same time', async () => {
      const database = await databases.create();
      const stores = [await testStore(databases, database), await testStore(databases, database)] as const;
      const projectId = await addProject(stores[0], 'a');
      const pipelines = stores.map((store) => createPipelineStore(store, systemClock));
      await fc.assert(
        fc.asyncProperty(arbitraryCourse, async (course) => {
          const { events } = historyOf(course);
          const { id } = await the(pipelines[0]).create(pushOf(projectId, course.plan));
          await Promise.all(events.map((event, index) => the(pipelines[index % 2]).apply(id, [event])));
          const state = await the(pipelines[0]).state(id);
          await expectOneHistory(stores[0], id, course, state);
        }),
        { numRuns: runs },
      );
    });

    it('keep a row of every attempt, with its times and its end', async () => {
      const store = await testStore(databases);
      const pipelines = createPipelineStore(store, systemClock);
      const retried = plan({ test: [job('unit', { retry: { max: 1 } })], deploy: [job('ship')] });
      const { id } = await pipelines.create(pushOf(await addProject(store, 'a'), retried));
      const failed = { status: 'failed', reason: 'script_failure', exitCode: 3 } as const;
      await pipelines.apply(id, [
        { type: 'job-started', job: 'unit', attempt: 1 },
        { type: 'job-finished', job: 'unit', attempt: 1, outcome: failed },
        { type: 'job-started', job: 'unit', attempt: 2 },
      ]);
      const rows = await jobsOf(store, id);
      expect(
        rows.map(({ name, attempt, latest, status, failure_reason, exit_code }) => [
          name,
          attempt,
          latest,
          status,
          failure_reason,
          exit_code,
        ]),
      ).toEqual([
        ['unit', 1, 0, 'failed', 'script_failure', 3],
        ['unit', 2, 1, 'running', null, null],
        ['ship', 1, 1, 'created', null, null],
      ]);
      expect(rows[0]?.finished_at).toBeGreaterThan(0);
      expect(rows[1]).toMatchObject({
        finished_at: null,
        started_at: expect.any(Number),
        lane_id: rows[0]?.lane_id,
      });
    });

    it('ignore what comes twice and what does not fit', async () => {
      const store = await testStore(databases);
      const pipelines = createPipelineStore(store, systemClock);
      const { id } = await pipelines.create(pushOf(await addProject(store, 'a'), plan({ a: [job('a')] })));
      const started = { type: 'job-started', job: 'a', attempt: 1 } as const;
      expect(await pipelines.apply(id, [started])).toHaveLength(2);
      expect(await pipelines.apply(id, [started])).toEqual([]);
      expect(await pipelines.apply(id, [{ ...started, job: 'nobody' }])).toEqual([]);
      expect(await pipelines.apply(id + 1, [started])).toBeNull();
    });

    it('undo an event together with what was to be written with it', async () => {
      const store = await testStore(databases);
      const pipelines = createPipelineStore(store, systemClock);
      const { id } = await pipelines.create(pushOf(await addProject(store, 'a'), plan({ a: [job('a')] })));
      const started = { type: 'job-started', job: 'a', attempt: 1 } as const;
      const undone = store.write(async (tx) => {
        await pipelines.applyIn(tx, id, [started]);
        throw new Error('no');
      });
      await expect(undone).rejects.toThrow('no');
      expect((await jobsOf(store, id))[0]?.status).toBe('pending');
      expect(await pipelines.apply(id, [started])).toHaveLength(2);
      expect((await jobsOf(store, id))[0]?.status).toBe('running');
    });

    it('are listed page by page, the newest first', async () => {
      const store = await testStore(databases);
      const pipelines = createPipelineStore(store, systemClock);
      const projectId = await addProject(store, 'a');
      const ids: number[] = [];
      for (const ref of ['main', 'main', 'other', 'main']) {
        const { id } = await pipelines.create({ ...pushOf(projectId, plan({ a: [job('a')] })), ref });
        ids.unshift(id);
      }
      const page = async (filter: object, before?: number) => {
        const of = { projectId, ...filter };
        const at = before === undefined ? { limit: 2 } : { limit: 2, before };
        return (await store.read((db) => listPipelines(db, of, at))).map(({ id }) => id);
      };
      expect(await page({})).toEqual(ids.slice(0, 2));
      expect(await page({}, ids[1])).toEqual(ids.slice(2));
      expect(await page({ ref: 'main' }, ids[0])).toEqual(ids.slice(2));
      expect(await page({ statuses: ['success'] })).toEqual([]);
    });

    it('may be written whole: thousands of jobs, numbered by project', async () => {
      const store = await testStore(databases);
      const pipelines = createPipelineStore(store, systemClock);
      const projectId = await addProject(store, 'a');
      const large = plan({ a: Array.from({ length: 3000 }, (_, index) => job(`j${index}`)) });
      expect(await pipelines.create(pushOf(projectId, large))).toMatchObject({ iid: 1 });
      const { id, iid } = await pipelines.create(pushOf(projectId, large));
      expect(iid).toBe(2);
      await pipelines.apply(id, [{ type: 'pipeline-canceled' }]);
      const rows = await jobsOf(store, id);
      expect(rows).toHaveLength(3000);
      expect(rows.every(({ status }) => status === 'canceled')).toBe(true);
    });
  });
}

/** What happens in a course, and what comes of it in memory. */
function historyOf(course: Course): {
  readonly events: readonly PipelineEvent[];
  readonly commands: readonly Command[];
  readonly state: PipelineState;
} {
  const events: PipelineEvent[] = [];
  const commands: Command[] = [];
  const { state } = runCourse(course, (step, _before, event) => {
    events.push(event);
    commands.push(...step.commands);
  });
  return { events, commands, state };
}

/** Every change of a job begins where the one before it ended, and the last ends where the job stands. */
async function expectOneHistory(store: Store, id: number, course: Course, state: PipelineState | null) {
  const rows = await store.read((db) =>
    db.selectFrom('outbox').select('body').where('key', '=', String(id)).orderBy('id').execute(),
  );
  const statuses = new Map(toJson(createState(course.plan)).jobs.map((one) => [one.name, one.status]));
  for (const { body } of rows) {
    const { command }: { readonly command: Command } = JSON.parse(body);
    if (command.type !== 'job-status-changed') continue;
    expect(command.from).toBe(statuses.get(command.job));
    statuses.set(command.job, command.to);
  }
  const ends = new Map(json(state)?.jobs.map((one) => [one.name, one.status]));
  expect(ends).toEqual(statuses);
}

function jobsOf(store: Store, id: number) {
  return store.read((db) =>
    db
      .selectFrom('jobs')
      .selectAll()
      .where('pipeline_id', '=', id)
      .orderBy('position')
      .orderBy('attempt')
      .execute(),
  );
}

function json(state: PipelineState | null) {
  return state === null ? null : toJson(state);
}

function the(pipelines: PipelineStore | undefined): PipelineStore {
  if (pipelines === undefined) throw new Error('no such opening');
  return pipelines;
}
