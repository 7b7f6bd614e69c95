import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import {
  hasOtherSplit,
  jobById,
  type Store,
  settleTestSplit,
  type TestSplit,
  testSplit,
  testTimes,
} from '../../store/index.ts';
import { jobFamily } from './job-family.ts';
import { splitTests } from './split-tests.ts';

export interface AskedSplit {
  readonly jobId: number;
  readonly tests: readonly string[];
  /** Of the asking job, from 1 on. */
  readonly index: number;
  readonly total: number;
}

export interface AnsweredSplit {
  /** Those of the tests that the asking job is to run, in the order they were given. */
  readonly tests: readonly string[];
  /** How many of all tests have a known time; null: the split was made for an earlier job. */
  readonly known: number | null;
  /** Another job of the same pipeline has split other tests: some may run twice, or not at all. */
  readonly differs: boolean;
}

/**
 * The share of a job of a parallel one. The first that asks decides for all of them, and for all attempts: times that are
 * learned meanwhile change nothing. null: there is no such job.
 */
export async function answerSplit(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  { jobId, tests, index, total }: AskedSplit,
): Promise<AnsweredSplit | null> {
  const row = await store.read((db) => jobById(db, jobId));
  if (row === null) return null;
  const sorted = [...new Set(tests)].sort();
  const job = jobFamily(row.name);
  const split: TestSplit = { pipelineId: row.pipeline_id, job, content: contentOf(sorted, total) };
  const settled = await store.read((db) => testSplit(db, split));
  const made = settled === null ? await make() : { shares: settled, known: null };

  async function make() {
    const scope = { projectId: row?.project_id ?? 0, job, limit: MOST_TIMES };
    const { shares, known } = splitTests(sorted, await store.read((db) => testTimes(db, scope)), total);
    const first = await store.write(({ db }) =>
      settleTestSplit(db, { ...split, shares: shares.join(','), now: clock.now() }),
    );
    return { shares: first, known };
  }

  const numbers = made.shares.split(',');
  const own = new Set(sorted.filter((_test, at) => numbers[at] === String(index - 1)));
  return {
    tests: tests.filter((test) => own.has(test)),
    known: made.known,
    differs: await store.read((db) => hasOtherSplit(db, split)),
  };
}

const MOST_TIMES = 200_000;

function contentOf(sorted: readonly string[], total: number): string {
  return createHash('sha256')
    .update(JSON.stringify([total, sorted]))
    .digest('base64url');
}
