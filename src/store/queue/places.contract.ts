import { describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { job, plan } from '../../pipeline/test-support/plan-builder.ts';
import { SLIPWAY_PLACE } from '../../protocol/index.ts';
import { createPipelineStore, type PipelineStore } from '../pipelines/pipeline-store.ts';
import type { Store } from '../store.ts';
import { addProject, pushOf } from '../test-support/sample-project.ts';
import { type TestDatabases, testStore } from '../test-support/test-databases.ts';
import { closePlace, forgetPlace, heldPlaces, jobsAtClosedPlaces, placeOf } from './places.ts';
import { type AskingRunner, createQueue, type Queue } from './queue.ts';

/** Who gets the jobs of a pipeline that share files. */
export function describePlaces(databases: TestDatabases): void {
  describe(`places on ${databases.name}`, () => {
    it('all jobs of a place go to the process that got the first, whichever server it asks', async () => {
      const [one, two] = await openTwice(databases);
      const id = await addSharing(one, ['a', 'b', 'c']);
      expect(await one.queue.take(process('first'))).toMatchObject({ name: 'a' });
      expect(await two.queue.take(process('second'))).toBeNull();
      expect(
        await two.queue.take({ ...process('first'), runnerId: 2, holder: holder('first', 2) }),
      ).toBeNull();
      expect(await two.queue.take(process('first'))).toMatchObject({ name: 'b' });
      expect(await one.queue.take(process('first'))).toMatchObject({ name: 'c' });
      expect(await one.store.read((db) => placeOf(db, id))).toMatchObject({
        ...{ pipelineId: id, runnerId: 1, process: 'first', isHeld: true },
      });
    });

    it('two processes that ask two servers at once are never in one place', async () => {
      const [one, two] = await openTwice(databases);
      const projectId = await addProject(one.store, 'a');
      for (let count = 0; count < 10; count += 1) await addSharing(one, ['a', 'b', 'c', 'd'], projectId);
      const ask = async ({ queue }: Opened, name: string) => {
        for (let count = 0; count < 30; count += 1) await queue.take(process(name));
      };
      await Promise.all([ask(one, 'x'), ask(two, 'y'), ask(one, 'y'), ask(two, 'x')]);
      // Whoever asks while others are just taking may get nothing and asks again.
      await ask(one, 'x');
      await ask(one, 'y');
      const rows = await one.store.read((db) =>
        db
          .selectFrom('jobs')
          .innerJoin('places', 'places.id', 'jobs.place_id')
          .select(['jobs.pipeline_id', 'jobs.system_id', 'jobs.status', 'places.process'])
          .execute(),
      );
      expect(rows).toHaveLength(40);
      expect(rows.every((row) => row.status === 'running' && row.system_id === row.process)).toBe(true);
    });

    it('a process that does not keep files gets none of them', async () => {
      const { queue, ...rest } = await openOnce(databases);
      await addSharing({ queue, ...rest }, ['a']);
      const { holder: _holder, ...without } = process('x');
      expect(await queue.take(without)).toBeNull();
      expect(await queue.take({ ...process('x'), features: [] })).toBeNull();
      expect(await queue.take(process('x'))).not.toBeNull();
    });

    it('what a process has begun comes before what waits longer', async () => {
      const opened = await openOnce(databases);
      const projectId = await addProject(opened.store, 'a');
      const plain = plan({ a: [job('plain'), job('later')] });
      await opened.pipelines.create(pushOf(projectId, plain));
      expect(await opened.queue.take(process('x'))).toMatchObject({ name: 'plain' });
      await addSharing(opened, ['a', 'b'], projectId);
      // Another one takes the older job, and so the first gets one of a place.
      expect(await opened.queue.take(process('y'))).toMatchObject({ name: 'later' });
      expect(await opened.queue.take(process('x'))).toMatchObject({ name: 'a' });
      await opened.pipelines.create(pushOf(projectId, plain));
      expect(await opened.queue.take(process('x'))).toMatchObject({ name: 'b' });
    });

    it('the next attempt of a job waits at its place', async () => {
      const opened = await openOnce(databases);
      const id = await addSharing(opened, ['a']);
      await opened.queue.take(process('x'));
      await opened.pipelines.apply(id, [
        { type: 'job-finished', job: 'a', attempt: 1, outcome: { status: 'success' } },
        { type: 'job-retried', job: 'a', variables: null },
      ]);
      expect(await opened.queue.take(process('y'))).toBeNull();
      expect(await opened.queue.take(process('x'))).toMatchObject({ name: 'a', attempt: 2 });
    });

    it('nobody gets jobs of a place that is over, and they can be found', async () => {
      const opened = await openOnce(databases);
      const id = await addSharing(opened, ['a', 'b']);
      await opened.queue.take(process('x'));
      await opened.store.write(async ({ db }) => {
        const [place] = await heldPlaces(db);
        if (place !== undefined) await closePlace(db, place);
      });
      expect(await opened.queue.take(process('x'))).toBeNull();
      expect(await opened.queue.take(process('y'))).toBeNull();
      expect(await opened.store.read(jobsAtClosedPlaces)).toMatchObject([{ pipelineId: id, name: 'b' }]);
      expect(await opened.store.read(heldPlaces)).toEqual([]);
    });

    it('one that is forgotten may begin with anybody', async () => {
      const opened = await openOnce(databases);
      const id = await addSharing(opened, ['a', 'b']);
      await opened.queue.take(process('x'));
      await opened.store.write(async ({ db }) => {
        const place = await placeOf(db, id);
        if (place !== null) await forgetPlace(db, place);
      });
      expect(await opened.queue.take(process('y'))).toMatchObject({ name: 'b' });
      expect(await opened.store.read((db) => placeOf(db, id))).toMatchObject({ process: 'y' });
    });

    it('the process for which jobs wait is woken, however many are of its kind', async () => {
      const opened = await openOnce(databases);
      const id = await addSharing(opened, ['a', 'b'], undefined, { b: ['a'] });
      await opened.queue.take(process('x'));
      const end = new AbortController();
      const key = opened.queue.key();
      const wait = (name: string) =>
        opened.queue.serve({ profile: process(name), since: key, signal: end.signal }, () =>
          opened.queue.take(process(name)),
        );
      const others = Array.from({ length: 100 }, (_, index) => wait(`other ${index}`));
      const own = wait('x');
      await opened.pipelines.apply(id, [
        { type: 'job-finished', job: 'a', attempt: 1, outcome: { status: 'success' } },
      ]);
      expect(await own).toMatchObject({ name: 'b' });
      end.abort();
      expect(new Set(await Promise.all(others))).toEqual(new Set([null]));
    });
  });
}

interface Opened {
  readonly store: Store;
  readonly pipelines: PipelineStore;
  readonly queue: Queue;
}

async function openOnce(databases: TestDatabases, database?: string): Promise<Opened> {
  const store = await testStore(databases, database);
  const pipelines = createPipelineStore(store, systemClock);
  return { store, pipelines, queue: createQueue(store, pipelines, systemClock) };
}

async function openTwice(databases: TestDatabases): Promise<readonly [Opened, Opened]> {
  const database = await databases.create();
  return [await openOnce(databases, database), await openOnce(databases, database)];
}

/** A pipeline whose jobs share files and wait for those that are named. Answers with its id. */
async function addSharing(
  { store, pipelines }: Opened,
  names: readonly string[],
  projectId?: number,
  needs: Readonly<Record<string, readonly string[]>> = {},
): Promise<number> {
  const project = projectId ?? (await addProject(store, 'a'));
  const jobs = names.map((name) => job(name, { needs: [...(needs[name] ?? [])] }));
  const { id } = await pipelines.create({
    ...pushOf(project, plan({ a: jobs })),
    requires: () => ({ tags: [], features: [SLIPWAY_PLACE] }),
  });
  return id;
}

function holder(name: string, runnerId = 1) {
  return { runnerId, process: name };
}

let tokens = 0;

function process(name: string): AskingRunner {
  tokens += 1;
  return {
    ...{ runnerId: 1, systemId: name, tags: [], runUntagged: true, protected: false, projects: null },
    ...{ features: [SLIPWAY_PLACE], shared: false, tokenHash: `place ${tokens}`, holder: holder(name) },
  };
}
