import { describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { type JobSketch, job, plan } from '../../pipeline/test-support/plan-builder.ts';
import { jobById, touchJobs } from '../jobs/jobs.ts';
import { createPipelineStore, type PipelineStore } from '../pipelines/pipeline-store.ts';
import type { Store } from '../store.ts';
import { addProject, pushOf } from '../test-support/sample-project.ts';
import { type TestDatabases, testStore } from '../test-support/test-databases.ts';
import { sampleWork } from '../work/sample-work.ts';
import { type OfferedJob, offeredJobs, withdrawOffer } from './offers.ts';
import { type AskingRunner, createQueue, type Queue } from './queue.ts';

/** Who gets which job, and when. */
export function describeQueue(databases: TestDatabases): void {
  describe(`the queue on ${databases.name}`, () => {
    it('gives each job to one runner, however many ask in two processes', async () => {
      const database = await databases.create();
      const [one, two] = [await openQueue(databases, database), await openQueue(databases, database)];
      const projectId = await addProject(one.store, 'a');
      await addJobs(one.pipelines, projectId, numbered(40));
      const asked = Array.from({ length: 60 }, (_, index) =>
        (index % 2 === 0 ? one : two).queue.take(runner({ runnerId: index })),
      );
      const taken = (await Promise.all(asked)).filter((found) => found !== null);
      expect(new Set(taken.map(({ id }) => id)).size).toBe(taken.length);
      // Whoever asks while others are just taking may get nothing and asks again.
      for (;;) {
        const further = await two.queue.take(runner({}));
        if (further === null) break;
        taken.push(further);
      }
      expect(taken.map(({ name }) => name).sort()).toEqual(
        numbered(40)
          .map(({ name }) => name)
          .sort(),
      );
      const rows = await one.store.read((db) => db.selectFrom('jobs').selectAll().execute());
      expect(rows.every((row) => row.status === 'running' && row.runner_id !== null)).toBe(true);
    });

    const untagged = job('untagged');
    const tagged = { ...job('tagged'), tags: ['linux', 'big'] };
    const cases: readonly (readonly [string, Partial<AskingRunner>, readonly JobSketch[], string | null])[] =
      [
        ['takes the oldest', {}, [job('first'), job('second')], 'first'],
        ['with all tags takes a tagged job', { tags: ['big', 'linux', 'x'] }, [tagged], 'tagged'],
        ['without one of the tags leaves it', { tags: ['linux'] }, [tagged], null],
        ['that takes no untagged jobs leaves them', { runUntagged: false }, [untagged], null],
        ['passes over what it cannot take', { tags: [] }, [tagged, untagged], 'untagged'],
        ['for protected refs leaves others', { protected: true }, [untagged], null],
        ['of another project leaves it', { projects: [4711] }, [untagged], null],
      ];
    it.each(cases)('is read so that a runner %s', async (_what, given, jobs, expected) => {
      const { store, pipelines, queue } = await openQueue(databases);
      await addJobs(pipelines, await addProject(store, 'a'), jobs);
      expect((await queue.take(runner(given)))?.name ?? null).toBe(expected);
    });

    it('asks for leave and features that a job needs', async () => {
      const { store, pipelines, queue } = await openQueue(databases);
      const needs = { protected: true, requires: () => ({ tags: [], features: ['artifacts_exclude'] }) };
      const projectId = await addProject(store, 'a');
      await pipelines.create({ ...pushOf(projectId, plan({ a: [job('a')] })), ...needs });
      expect(await queue.take(runner({}))).toBeNull();
      const able = runner({
        protected: true,
        features: ['masking', 'artifacts_exclude'],
        projects: [projectId],
      });
      expect(await queue.take(able)).toMatchObject({ name: 'a', attempt: 1, position: 0, projectId });
    });

    it('lets projects take turns on shared runners, and gives the oldest job on others', async () => {
      const { store, pipelines, queue } = await openQueue(databases);
      const [busy, calm] = [await addProject(store, 'busy'), await addProject(store, 'calm')];
      await addJobs(pipelines, busy, numbered(6));
      await addJobs(pipelines, calm, numbered(2));
      const order: (number | undefined)[] = [];
      for (let count = 0; count < 5; count += 1) order.push((await queue.take(runner({})))?.projectId);
      expect(order).toEqual([busy, calm, busy, calm, busy]);
      await addJobs(pipelines, calm, numbered(1));
      expect(await queue.take(runner({ shared: false }))).toMatchObject({ projectId: busy });
    });

    it('gives out a job again when it is retried, and not what was canceled', async () => {
      const { store, pipelines, queue } = await openQueue(databases);
      const projectId = await addProject(store, 'a');
      const id = await addJobs(pipelines, projectId, [job('a', { retry: { max: 1 } }), job('b')]);
      const first = await queue.take(runner({}));
      const outcome = { status: 'failed', reason: 'script_failure', exitCode: 1 } as const;
      await pipelines.apply(id, [
        { type: 'job-finished', job: 'a', attempt: 1, outcome },
        { type: 'job-canceled', job: 'b' },
      ]);
      const second = await queue.take(runner({}));
      expect(second).toMatchObject({ name: 'a', attempt: 2 });
      expect(second?.id).not.toBe(first?.id);
      expect(await queue.take(runner({}))).toBeNull();
    });

    it('offers a job to a runner that says when it has it, and starts it then', async () => {
      const { store, pipelines, queue } = await openQueue(databases);
      await addJobs(pipelines, await addProject(store, 'a'), [job('a')]);
      const asking = runner({ confirms: true, systemId: 's_1' });
      const offered = await queue.take(asking);
      const row = () => store.read((db) => jobById(db, offered?.id ?? 0));
      expect(await row()).toMatchObject({ status: 'pending', system_id: 's_1', started_at: null });
      expect(await queue.take(runner({}))).toBeNull();
      const { jobs } = await store.read((db) => sampleWork(db, systemClock.now()));
      expect(jobs).toMatchObject([{ kind: 'waiting', count: 1 }]);
      expect(await queue.begin(offered?.id ?? 0, 'another')).toBe(false);
      const begun = Array.from({ length: 4 }, () => queue.begin(offered?.id ?? 0, asking.tokenHash));
      expect((await Promise.all(begun)).filter((has) => has)).toHaveLength(1);
      expect(await row()).toMatchObject({ status: 'running', attempt: 1, offered_at: null });
      expect((await row())?.touched_at).not.toBe((await row())?.started_at);
      expect(await store.read(offeredJobs)).toEqual([]);
    });

    it('offers to some and gives to others who ask at the same time, each its own job', async () => {
      const { store, pipelines, queue } = await openQueue(databases);
      const [one, two] = [await addProject(store, 'a'), await addProject(store, 'b')];
      for (const project of [two, one, two]) await addJobs(pipelines, project, numbered(4));
      const asking = numbered(20).map((_, at) => runner({ confirms: at % 2 === 0, shared: at % 3 === 0 }));
      const taken = await Promise.all(asking.map((each) => queue.take(each)));
      expect(taken.slice(0, 12).every((found) => found !== null)).toBe(true);
      const rows = await store.read((db) => db.selectFrom('jobs').selectAll().execute());
      const byId = new Map(rows.map((row) => [row.id, row]));
      expect(new Set(taken.flatMap((found) => (found === null ? [] : [found.id]))).size).toBe(12);
      for (const [at, found] of taken.slice(0, 12).entries()) {
        const status = asking[at]?.confirms === true ? 'pending' : 'running';
        expect(byId.get(found?.id ?? 0)).toMatchObject({ status, token_hash: asking[at]?.tokenHash });
      }
    });

    it('gives an offered job to another runner when the first is not heard of, and to nobody when it is', async () => {
      const { store, pipelines, queue } = await openQueue(databases);
      await addJobs(pipelines, await addProject(store, 'a'), [job('a')]);
      const [first, second] = [runner({ confirms: true }), runner({ confirms: true })];
      const { id = 0 } = (await queue.take(first)) ?? {};
      const [seen] = await store.read(offeredJobs);
      if (seen === undefined) throw new Error('nothing is offered');
      const withdraw = (offer: OfferedJob) => store.write((tx) => withdrawOffer(tx, offer));
      await store.write(({ db }) => touchJobs(db, [id], systemClock.now() + 10));
      expect(await withdraw(seen)).toBe(false);
      for (const offer of await store.read(offeredJobs)) expect(await withdraw(offer)).toBe(true);
      expect(await queue.take(second)).toMatchObject({ id, attempt: 1 });
      expect(await queue.begin(id, first.tokenHash)).toBe(false);
      expect(await queue.begin(id, second.tokenHash)).toBe(true);
      expect(await withdraw(seen)).toBe(false);
      expect(await store.read((db) => jobById(db, id))).toMatchObject({ status: 'running', attempt: 1 });
    });

    it('either begins an offered job or takes it back, and never does both', async () => {
      const { store, pipelines, queue } = await openQueue(databases);
      await addJobs(pipelines, await addProject(store, 'a'), numbered(20));
      const asking = numbered(20).map(() => runner({ confirms: true }));
      for (const one of asking) await queue.take(one);
      const offers = await store.read(offeredJobs);
      const outcomes = await Promise.all(
        offers.flatMap((offer) => [
          queue.begin(offer.id, offer.token_hash ?? ''),
          store.write((tx) => withdrawOffer(tx, offer)),
        ]),
      );
      expect(outcomes.filter((done) => done)).toHaveLength(20);
      const rows = await store.read((db) => db.selectFrom('jobs').selectAll().execute());
      for (const { status, token_hash } of rows) expect(token_hash !== null).toBe(status === 'running');
    });

    it('an offered job that is canceled cannot be begun, and its next attempt waits', async () => {
      const { store, pipelines, queue } = await openQueue(databases);
      const pipelineId = await addJobs(pipelines, await addProject(store, 'a'), [job('a')]);
      const asking = runner({ confirms: true });
      const { id = 0 } = (await queue.take(asking)) ?? {};
      await pipelines.apply(pipelineId, [{ type: 'job-canceled', job: 'a' }]);
      expect(await queue.begin(id, asking.tokenHash)).toBe(false);
      expect(await store.read(offeredJobs)).toEqual([]);
      await pipelines.apply(pipelineId, [{ type: 'job-retried', job: 'a', variables: null }]);
      expect(await queue.take(runner({}))).toMatchObject({ name: 'a', attempt: 2 });
    });

    it('gives jobs that come to those who have waited longest, and leaves the others asleep', async () => {
      const { store, pipelines, queue } = await openQueue(databases);
      const projectId = await addProject(store, 'a');
      const end = new AbortController();
      const { signal } = end;
      const since = queue.key();
      let asked = 0;
      const wait = (given: Partial<AskingRunner>) => {
        const profile = runner(given);
        return queue.serve({ profile, since, signal }, () => {
          asked += 1;
          return queue.take(profile);
        });
      };
      const unable = wait({ runUntagged: false });
      const able = Array.from({ length: 40 }, () => wait({}));
      await addJobs(pipelines, projectId, numbered(2));
      const first = await Promise.all(able.slice(0, 2));
      expect(first.map((job) => job?.name).sort()).toEqual(['j0', 'j1']);
      expect(asked).toBe(2);
      end.abort();
      expect(await Promise.all([unable, ...able.slice(2)])).toEqual(new Array(39).fill(null));
    });

    it('lets nobody wait for a job that came while it was asking', async () => {
      const { store, pipelines, queue } = await openQueue(databases);
      const projectId = await addProject(store, 'a');
      const since = queue.key();
      expect(await queue.take(runner({}))).toBeNull();
      await addJobs(pipelines, projectId, numbered(1));
      const { signal } = new AbortController();
      const profile = runner({});
      expect(await queue.serve({ profile, since, signal }, () => queue.take(profile))).toMatchObject({
        name: 'j0',
      });
    });

    it('gives every job of two processes to those who wait in both', async () => {
      const database = await databases.create();
      const [one, two] = [await openQueue(databases, database), await openQueue(databases, database)];
      const projectId = await addProject(one.store, 'a');
      const { signal } = new AbortController();
      const waiting = Array.from({ length: 60 }, (_, index) => {
        const { queue } = index % 2 === 0 ? one : two;
        const profile = runner({ runnerId: index });
        return queue.serve({ profile, since: queue.key(), signal }, () => queue.take(profile));
      });
      for (let count = 0; count < 6; count += 1) await addJobs(one.pipelines, projectId, numbered(10));
      const taken = await Promise.all(waiting);
      expect(new Set(taken.map((job) => job?.id)).size).toBe(60);
    });
  });
}

interface Opened {
  readonly store: Store;
  readonly pipelines: PipelineStore;
  readonly queue: Queue;
}

async function openQueue(databases: TestDatabases, database?: string): Promise<Opened> {
  const store = await testStore(databases, database);
  const pipelines = createPipelineStore(store, systemClock);
  return { store, pipelines, queue: createQueue(store, pipelines, systemClock) };
}

let tokens = 0;

/** An instance runner that takes untagged jobs of everybody. */
function runner(given: Partial<AskingRunner>): AskingRunner {
  tokens += 1;
  return {
    runnerId: 1,
    systemId: null,
    tags: [],
    runUntagged: true,
    protected: false,
    features: [],
    projects: null,
    shared: true,
    tokenHash: `hash ${tokens}`,
    ...given,
  };
}

async function addJobs(
  pipelines: PipelineStore,
  projectId: number,
  jobs: readonly JobSketch[],
): Promise<number> {
  const { id } = await pipelines.create(pushOf(projectId, plan({ all: jobs })));
  return id;
}

function numbered(count: number): readonly JobSketch[] {
  return Array.from({ length: count }, (_, index) => job(`j${index}`));
}
