import { describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { job, plan } from '../../pipeline/test-support/plan-builder.ts';
import { latestJobs } from '../jobs/jobs.ts';
import { createPipelineStore } from '../pipelines/pipeline-store.ts';
import { addProject, pushOf } from '../test-support/sample-project.ts';
import { type TestDatabases, testStore } from '../test-support/test-databases.ts';
import { testReportsOf, testResultsOf } from './read-reports.ts';
import {
  findTests,
  flakyTests,
  newFailures,
  runsOfTest,
  slowestTests,
  standingOfTest,
} from './test-history.ts';
import { hasOtherSplit, settleTestSplit, testTimes } from './test-splits.ts';
import {
  addTestReport,
  addTestResults,
  forgetTestReport,
  type TestOutcome,
  type TestResult,
  testHash,
} from './write-results.ts';

type Outcomes = Readonly<Record<string, TestOutcome>>;

/** What is known of tests, and since when. */
export function describeTests(databases: TestDatabases): void {
  describe(`the history of tests on ${databases.name}`, () => {
    it('keeps what each job came to', async () => {
      const history = await open(databases);
      const { jobId, pipelineId } = await history.run({ a: 'success', b: 'failed', c: 'skipped' });
      expect(await history.store.read((db) => testReportsOf(db, pipelineId))).toMatchObject([
        { jobId, jobName: 'test', total: 3, failed: 1, errored: 0, skipped: 1 },
      ]);
      const results = await history.store.read((db) => testResultsOf(db, jobId, { limit: 10 }));
      expect(results.map(({ name, outcome, output }) => [name, outcome, output]).sort()).toEqual([
        ['a', 'success', null],
        ['b', 'failed', 'no'],
        ['c', 'skipped', null],
      ]);
      const some = (failed: boolean, after = 0) =>
        history.store.read((db) => testResultsOf(db, jobId, { limit: 1, failed, after }));
      expect((await some(true)).map(({ name }) => name)).toEqual(['b']);
      const [first] = await some(false);
      const [second] = await some(false, first?.caseId);
      expect([first?.name, second?.name].sort()).toEqual(['a', 'c']);
    });

    it('says since when a test fails', async () => {
      const history = await open(databases);
      await history.run({ a: 'failed' });
      const passed = await history.run({ a: 'success' });
      await history.run({ a: 'failed' }, { ref: 'other' });
      const first = await history.run({ a: 'failed' });
      await history.run({ a: 'skipped' });
      const last = await history.run({ a: 'error' });
      const standing = await history.standing('a');
      expect(standing).toMatchObject({
        last: { jobId: last.jobId, outcome: 'error' },
        failingSince: { jobId: first.jobId, outcome: 'failed' },
        lastPass: { jobId: passed.jobId },
      });
      const mended = await history.run({ a: 'success' });
      expect(await history.standing('a')).toMatchObject({
        failingSince: null,
        lastPass: { jobId: mended.jobId },
      });
      expect(await history.standing('a', 'nowhere')).toBeNull();
    });

    it('knows what is new among the failures of a pipeline', async () => {
      const history = await open(databases);
      await history.run({ old: 'failed', broken: 'success', passes: 'success' });
      const here = await history.run({ old: 'failed', broken: 'failed', born: 'error', passes: 'success' });
      expect(await history.newFailures(here.pipelineId, 'main')).toEqual(['born', 'broken']);
      // A new branch is measured by the one it comes from.
      const branch = await history.run({ old: 'failed', passes: 'failed' }, { ref: 'topic' });
      expect(await history.newFailures(branch.pipelineId, 'topic')).toEqual(['passes']);
    });

    it('calls a test flaky that passed and failed on one commit', async () => {
      const history = await open(databases);
      await history.run({ a: 'failed', b: 'failed', c: 'success' }, { sha: '1' });
      await history.run({ a: 'success', b: 'failed', c: 'skipped' }, { sha: '1' });
      await history.run({ b: 'success' }, { sha: '2' });
      await history.run({ a: 'success' }, { sha: '3' });
      await history.run({ a: 'error' }, { sha: '3' });
      const flaky = await history.store.read((db) =>
        flakyTests(db, history.projectId, { since: 0, limit: 10 }),
      );
      expect(flaky.map(({ name, commits }) => [name, commits])).toEqual([['a', 2]]);
    });

    it('finds the slowest, by times in which later ones count for more', async () => {
      const history = await open(databases);
      await history.run({ a: 'success', b: 'success' }, { milliseconds: 1000 });
      await history.run({ a: 'success', b: 'skipped' }, { milliseconds: 2000 });
      const slowest = await history.store.read((db) => slowestTests(db, history.projectId, 10));
      expect(slowest.map(({ name, milliseconds, runs }) => [name, milliseconds, runs])).toEqual([
        ['a', 1300, 2],
        ['b', 1000, 1],
      ]);
    });

    it('may be told of a report twice', async () => {
      const history = await open(databases);
      const told = await history.run({ a: 'success' });
      await history.tell(told, { a: 'failed', b: 'success' });
      const results = await history.store.read((db) => testResultsOf(db, told.jobId, { limit: 10 }));
      expect(results.map(({ name, outcome }) => [name, outcome]).sort()).toEqual([
        ['a', 'failed'],
        ['b', 'success'],
      ]);
      const [test] = await history.store.read((db) =>
        findTests(db, { projectId: history.projectId, name: 'a' }, { limit: 5 }),
      );
      expect(await history.store.read((db) => runsOfTest(db, test?.id ?? 0, { limit: 5 }))).toHaveLength(1);
    });

    it('gives all jobs that split the same tests the first answer', async () => {
      const history = await open(databases);
      const { pipelineId } = await history.run({ a: 'success' });
      const split = { pipelineId, job: 'test', content: 'x', now: 0 };
      const settle = (shares: string, content = 'x') =>
        history.store.write(({ db }) => settleTestSplit(db, { ...split, content, shares }));
      const [one, other] = await Promise.all([settle('one'), settle('other')]);
      expect(['one', 'other']).toContain(one);
      expect(other).toBe(one);
      expect(await history.store.read((db) => hasOtherSplit(db, split))).toBe(false);
      expect(await settle('third', 'y')).toBe('third');
      expect(await history.store.read((db) => hasOtherSplit(db, split))).toBe(true);
      const times = await history.store.read((db) =>
        testTimes(db, { projectId: history.projectId, job: 'test', limit: 10 }),
      );
      expect(times.map(({ name }) => name)).toEqual(['a']);
    });
  });
}

async function open(databases: TestDatabases) {
  const store = await testStore(databases);
  const pipelines = createPipelineStore(store, systemClock);
  const projectId = await addProject(store, 'a');

  interface Told {
    readonly pipelineId: number;
    readonly jobId: number;
    readonly ref: string;
    readonly sha: string;
  }

  async function tell(told: Told, outcomes: Outcomes, milliseconds = 10): Promise<void> {
    const reported = { jobId: told.jobId, projectId, pipelineId: told.pipelineId };
    const results = Object.entries(outcomes).map(([name, outcome]) => resultOf(name, outcome, milliseconds));
    const count = (wanted: TestOutcome) => results.filter(({ outcome }) => outcome === wanted).length;
    await store.write(({ db }) => forgetTestReport(db, told.jobId));
    await store.write(({ db }) => addTestResults(db, reported, results, 1));
    await store.write(({ db }) =>
      addTestReport(db, {
        ...{ ...reported, ref: told.ref, sha: told.sha, total: results.length, failed: count('failed') },
        ...{
          errored: count('error'),
          skipped: count('skipped'),
          milliseconds,
          problem: null,
          flaky: [],
          now: 1,
        },
      }),
    );
  }

  return {
    store,
    projectId,
    tell,
    async run(outcomes: Outcomes, { ref = 'main', sha = '0', milliseconds = 10 } = {}): Promise<Told> {
      const pipeline = { ...pushOf(projectId, plan({ all: [job('test')] })), ref, sha };
      const { id: pipelineId } = await pipelines.create(pipeline);
      const [row] = await store.read((db) => latestJobs(db, pipelineId));
      const told = { pipelineId, jobId: row?.id ?? 0, ref, sha };
      await tell(told, outcomes, milliseconds);
      return told;
    },
    async standing(name: string, ref = 'main') {
      const [test] = await store.read((db) => findTests(db, { projectId, name }, { limit: 1 }));
      return store.read((db) => standingOfTest(db, test?.id ?? 0, ref));
    },
    async newFailures(id: number, ref: string): Promise<readonly string[]> {
      const found = await store.read((db) => newFailures(db, { id, projectId, ref, base: 'main' }, 100));
      return found.map(({ name }) => name).sort();
    },
  };
}

function resultOf(name: string, outcome: TestOutcome, milliseconds: number): TestResult {
  const identity = { job: 'test', suite: 's', className: '', name };
  const output = outcome === 'failed' || outcome === 'error' ? 'no' : null;
  return { ...identity, hash: testHash(identity), file: null, outcome, milliseconds, output };
}
