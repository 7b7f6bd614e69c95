import { describe, expect, it } from 'vitest';
import { addProject } from '../test-support/sample-project.ts';
import { type TestDatabases, testStore } from '../test-support/test-databases.ts';
import {
  createMergeRequest,
  hasOpenMergeRequests,
  listMergeRequests,
  moveMergeRequest,
  openMergeRequestsInto,
  openMergeRequestsOf,
  updateMergeRequest,
} from './merge-requests.ts';
import {
  createSchedule,
  dueSchedules,
  listSchedules,
  noteScheduleRun,
  passSchedule,
  removeSchedule,
  scheduleById,
  updateSchedule,
} from './schedules.ts';
import { createTrigger, describeTrigger, listTriggers, removeTrigger, triggerByToken } from './triggers.ts';

/** What makes pipelines beside pushes. */
export function describeEvents(databases: TestDatabases): void {
  describe(`schedules on ${databases.name}`, () => {
    const open = async () => {
      const store = await testStore(databases);
      const projectId = await addProject(store, 'a');
      const add = (nextRunAt: number | null, active = true) =>
        store.write(({ db }) =>
          createSchedule(db, {
            ...{
              projectId,
              description: 'd',
              ref: 'refs/heads/main',
              cron: '@daily',
              timeZone: 'UTC',
              active,
            },
            ...{ variables: [], inputs: { a: [1] }, owner: 'root', nextRunAt, now: 1 },
          }),
        );
      return { store, projectId, add };
    };

    it('are due when their moment has come, and pass it once', async () => {
      const { store, add } = await open();
      const [early, late] = [await add(10), await add(20)];
      await add(5, false);
      await add(null);
      const due = (now: number) => store.read((db) => dueSchedules(db, now, 10));
      expect(await due(9)).toEqual([]);
      expect((await due(20)).map(({ id }) => id)).toEqual([early.id, late.id]);
      const pass = () => store.write(({ db }) => passSchedule(db, { id: early.id, from: 10, to: 110 }));
      expect((await Promise.all([pass(), pass(), pass()])).filter(Boolean)).toHaveLength(1);
      expect((await due(20)).map(({ id }) => id)).toEqual([late.id]);
    });

    it('note each of their orders once', async () => {
      const { store, add } = await open();
      const { id } = await add(10);
      const note = (order: number) =>
        store.write(({ db }) => noteScheduleRun(db, { id, order, pipelineId: order * 10, problem: null }));
      expect([await note(3), await note(3), await note(2), await note(4)]).toEqual([
        true,
        false,
        false,
        true,
      ]);
      expect(await store.read((db) => scheduleById(db, id))).toMatchObject({ lastPipelineId: 40 });
    });

    it('are changed in part, and removed', async () => {
      const { store, projectId, add } = await open();
      const { id, ...rest } = await add(10);
      const changed = await store.write(({ db }) =>
        updateSchedule(db, id, { active: false, nextRunAt: null }, 2),
      );
      expect(changed).toEqual({ id, ...rest, active: false, nextRunAt: null, updatedAt: 2 });
      expect(await store.read((db) => listSchedules(db, projectId, { active: true }))).toEqual([]);
      expect(await store.write(({ db }) => removeSchedule(db, id))).toBe(true);
      expect(await store.write(({ db }) => removeSchedule(db, id))).toBe(false);
    });
  });

  describe(`trigger tokens on ${databases.name}`, () => {
    it('are found by their hash until they expire or are removed', async () => {
      const store = await testStore(databases);
      const projectId = await addProject(store, 'a');
      const add = (tokenHash: string, expiresAt: number | null) =>
        store.write(({ db }) =>
          createTrigger(db, {
            projectId,
            description: 'd',
            tokenStart: 'glptt',
            expiresAt,
            tokenHash,
            now: 1,
          }),
        );
      const [first, second] = [await add('x', null), await add('y', 50)];
      const find = (hash: string, now: number) => store.read((db) => triggerByToken(db, hash, now));
      expect(await find('x', 100)).toMatchObject({ id: first.id });
      expect(await find('y', 49)).toMatchObject({ id: second.id });
      expect(await find('y', 50)).toBeNull();
      const described = await store.write(({ db }) =>
        describeTrigger(db, { projectId, id: first.id }, 'new', 2),
      );
      expect(described).toMatchObject({ description: 'new', updatedAt: 2 });
      expect(await store.write(({ db }) => removeTrigger(db, projectId + 1, first.id))).toBe(false);
      expect(await store.write(({ db }) => removeTrigger(db, projectId, first.id))).toBe(true);
      expect(await find('x', 1)).toBeNull();
      expect(await store.read((db) => listTriggers(db, projectId))).toHaveLength(1);
    });
  });

  describe(`merge requests on ${databases.name}`, () => {
    it('are open once for two branches, and count within their project', async () => {
      const store = await testStore(databases);
      const projectId = await addProject(store, 'a');
      const add = (sourceBranch: string) =>
        store.write(({ db }) =>
          createMergeRequest(db, {
            ...{ projectId, sourceBranch, targetBranch: 'main', title: 't', description: '' },
            ...{ labels: ['l'], sha: null, now: 1 },
          }),
        );
      const made = await Promise.all([add('a'), add('a'), add('b')]);
      expect(made.filter((one) => one !== null)).toHaveLength(2);
      const of = (branch: string) => store.read((db) => openMergeRequestsOf(db, projectId, branch));
      const [one] = await of('a');
      expect(one).toMatchObject({ sourceBranch: 'a', labels: ['l'], state: 'opened', sha: null });
      expect(await store.read((db) => openMergeRequestsInto(db, projectId, 'main'))).toHaveLength(2);
      const has = (name: string) => store.read((db) => hasOpenMergeRequests(db, { projectId, name }));
      expect([await has('b'), await has('main'), await has('c')]).toEqual([true, true, false]);
      const move = (sha: string) =>
        store.write(({ db }) => moveMergeRequest(db, { id: one?.id ?? 0, sha, now: 2 }));
      expect([await move('x'), await move('x'), await move('y')]).toEqual([true, false, true]);
      await store.write(({ db }) => updateMergeRequest(db, one?.id ?? 0, { state: 'closed' }, 3));
      expect(await of('a')).toEqual([]);
      expect(await move('z')).toBe(false);
      expect(await add('a')).toMatchObject({ sourceBranch: 'a' });
      const listed = await store.read((db) =>
        listMergeRequests(db, { projectId, state: 'closed' }, { limit: 5 }),
      );
      expect(listed).toMatchObject([{ id: one?.id, closedAt: 3 }]);
    });
  });
}
