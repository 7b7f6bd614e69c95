import { describe, expect, test } from 'vitest';
import {
  createSchedule,
  listPipelines,
  type NewSchedule,
  type Schedule,
  scheduleById,
  updateSchedule,
} from '../../store/index.ts';
import type { TestDatabases } from '../../store/test-support/test-databases.ts';
import { client } from '../git/test-support/git-server.ts';
import { takeJob } from '../test-support/driven-jobs.ts';
import { movedClock } from '../test-support/moved-clock.ts';
import { startTestedServer, type TestedServer } from '../test-support/running-server.ts';
import { orderScheduled, SCHEDULE_ORDERS } from './schedule-orders.ts';
import { createScheduledPipelines } from './scheduled-pipelines.ts';
import { createScheduler } from './scheduler.ts';

const FILE = 'nightly: {script: [make], rules: [{if: "$CI_PIPELINE_SOURCE == \'schedule\'"}]}\n';

/** Pipelines that schedules want. */
export function describeSchedules(databases: TestDatabases): void {
  describe(`schedules on ${databases.name}`, () => {
    test('a schedule makes a pipeline with its variables when its moment has come', async () => {
      const clock = movedClock();
      const tested = await startTestedServer({ database: await databases.create(), clock });
      await tested.push({ '.gitlab-ci.yml': FILE });
      const schedule = await add(tested, {
        variables: [{ key: 'WHAT', value: 'all', variableType: 'env_var', raw: false }],
      });
      expect(await pipelines(tested)).toEqual([]);
      clock.forward(3600_000);
      const job = await takeJob(tested);
      expect(job.variables).toMatchObject({
        CI_PIPELINE_SOURCE: 'schedule',
        CI_PIPELINE_SCHEDULE_DESCRIPTION: 'every hour',
        WHAT: 'all',
      });
      expect(await pipelines(tested)).toMatchObject([{ source: 'schedule', schedule_id: schedule.id }]);
      const after = await read(tested, schedule.id);
      expect(after?.lastPipelineId).not.toBeNull();
      expect(after?.nextRunAt).toBeGreaterThan(clock.now());
    });

    test('two servers that look at once, and moments that were missed, make one pipeline', async () => {
      const clock = movedClock();
      const tested = await startTestedServer({ database: await databases.create(), clock });
      await tested.push({ '.gitlab-ci.yml': FILE });
      const { store, outbox } = tested.server.parts;
      await add(tested, { nextRunAt: clock.now() - 10 * 24 * 3600_000 });
      const others = Array.from({ length: 3 }, () => createScheduler({ store, outbox, clock }).look());
      await Promise.all(others);
      await takeJob(tested);
      await Promise.all(Array.from({ length: 3 }, () => createScheduler({ store, outbox, clock }).look()));
      await settled(tested);
      expect(await pipelines(tested)).toHaveLength(1);
    });

    test('an order that is carried out twice makes one pipeline', async () => {
      const tested = await startTestedServer({ database: await databases.create() });
      await tested.push({ '.gitlab-ci.yml': FILE });
      const schedule = await add(tested, {});
      const made = createScheduledPipelines(tested.server.parts);
      const entry = {
        ...{ id: 7, topic: 'x', key: 'x', attempts: 1, lease: 'x' },
        body: SCHEDULE_ORDERS.write({ scheduleId: schedule.id, played: false }),
      };
      await made.carryOut(entry);
      await made.carryOut(entry);
      expect(await pipelines(tested)).toHaveLength(1);
    });

    test('a schedule whose branch is gone is not active any more, and says why', async () => {
      const clock = movedClock();
      const tested = await startTestedServer({ database: await databases.create(), clock });
      await tested.push({ '.gitlab-ci.yml': FILE });
      await client(tested.clone, 'push', 'origin', 'HEAD:topic');
      const schedule = await add(tested, { ref: 'refs/heads/topic' });
      await client(tested.clone, 'push', 'origin', ':topic');
      clock.forward(3600_000);
      await expect
        .poll(() => read(tested, schedule.id), { timeout: 8000 })
        .toMatchObject({
          active: false,
          nextRunAt: null,
          problem: expect.stringContaining('refs/heads/topic is gone'),
        });
      expect(await pipelines(tested)).toEqual([]);
    });

    test('one that is not active runs when somebody plays it, and says why there was no pipeline', async () => {
      const clock = movedClock();
      const tested = await startTestedServer({ database: await databases.create(), clock });
      await tested.push({ '.gitlab-ci.yml': 'never: {script: [x], rules: [{when: never}]}\n' });
      const { store, outbox } = tested.server.parts;
      const schedule = await add(tested, { active: false, nextRunAt: null });
      clock.forward(3600_000);
      const play = () =>
        store.write((tx) => orderScheduled(outbox, tx, { scheduleId: schedule.id, played: true }));
      await play();
      await expect
        .poll(() => read(tested, schedule.id), { timeout: 8000 })
        .toMatchObject({ problem: 'None of the jobs is to run', lastPipelineId: null });
      await tested.push({ '.gitlab-ci.yml': FILE });
      await play();
      await takeJob(tested);
      expect(await read(tested, schedule.id)).toMatchObject({
        problem: null,
        lastPipelineId: expect.any(Number),
      });
    });

    test('a time zone that is not there any more stops its schedule, and no other', async () => {
      const clock = movedClock();
      const tested = await startTestedServer({ database: await databases.create(), clock });
      await tested.push({ '.gitlab-ci.yml': FILE });
      const gone = await add(tested, {});
      await add(tested, {});
      const { store } = tested.server.parts;
      await store.write(({ db }) => updateSchedule(db, gone.id, { timeZone: 'Middle/Earth' }, 0));
      clock.forward(3600_000);
      await takeJob(tested);
      expect(await read(tested, gone.id)).toMatchObject({ active: false });
    });
  });
}

function add(tested: TestedServer, given: Partial<NewSchedule>): Promise<Schedule> {
  const { store, clock } = tested.server.parts;
  return store.write(({ db }) =>
    createSchedule(db, {
      ...{ projectId: tested.projectId, description: 'every hour', ref: 'refs/heads/main', cron: '@hourly' },
      ...{ timeZone: 'UTC', active: true, variables: [], inputs: {}, owner: 'root', now: clock.now() },
      nextRunAt: clock.now() + 1000,
      ...given,
    }),
  );
}

function read({ server }: TestedServer, id: number): Promise<Schedule | null> {
  return server.parts.store.read((db) => scheduleById(db, id));
}

function pipelines({ server, projectId }: TestedServer) {
  return server.parts.store.read((db) => listPipelines(db, { projectId }, { limit: 10 }));
}

/** When nothing is left to carry out. */
async function settled({ server }: TestedServer): Promise<void> {
  const left = () => server.parts.store.read((db) => db.selectFrom('outbox').select('id').execute());
  await expect.poll(left, { timeout: 8000 }).toEqual([]);
}
