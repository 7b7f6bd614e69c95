import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  createJunitStream,
  type JunitCase,
  type OtherTestReport,
  readJoinedTests,
} from '../../runner/index.ts';
import { type TestOutcome, type TestResult, testHash } from '../../store/index.ts';
import { UnreadableReport } from './report-files.ts';

/** The types of reports that have tests in them. */
export type TestReportType = 'junit' | OtherTestReport;

/** What a report comes to, beside its results. */
export interface CollectedTests {
  readonly total: number;
  readonly failed: number;
  readonly errored: number;
  readonly skipped: number;
  readonly milliseconds: number;
  /** Why not all of it could be read, without a full stop; null: it was. */
  readonly problem: string | null;
  /** The hashes of cases that have passed and failed. */
  readonly flaky: readonly string[];
}

export interface CollectOptions {
  /** What wrote it. */
  readonly type: TestReportType;
  /** The name of the job, without the number that `parallel` gives it. */
  readonly job: string;
  /** Called with at most a thousand results, each of another case. */
  readonly keep: (results: readonly TestResult[]) => Promise<void>;
  readonly limits?: Partial<CollectLimits>;
}

export interface CollectLimits {
  readonly cases: number;
  /** Of names, in characters. */
  readonly name: number;
  /** Of the output of one failure, and of all together, in characters. */
  readonly output: number;
  readonly outputs: number;
}

/** More than the largest suites have, and what a hostile report may cost. */
export const COLLECT_LIMITS: CollectLimits = {
  cases: 200_000,
  name: 1024,
  output: 16 * 1024,
  outputs: 8 * 1024 * 1024,
};

/**
 * Reads reports of tests into results, a few hundred at a time: the rest of a report waits until those are kept. Cases that
 * come twice in a job count once, with the worse outcome and their times together; when they passed and failed, they are
 * flaky. What goes beyond the limits is not read, and said.
 */
export async function collectTests(
  content: AsyncIterable<Buffer>,
  { type, job, keep, limits: given }: CollectOptions,
): Promise<CollectedTests> {
  const limits = { ...COLLECT_LIMITS, ...given };
  const outcomes = new Map<string, TestOutcome>();
  const flaky = new Set<string>();
  const waiting = new Map<string, TestResult>();
  let [milliseconds, outputs] = [0, 0];
  let problem: string | null = null;

  const stream =
    type === 'junit'
      ? await createJunitStream({ maxText: limits.output, onCase: add })
      : createWholeReport(type, add);

  function add(testCase: JunitCase): void {
    const result = resultOf(testCase);
    const { hash, outcome } = result;
    const before = outcomes.get(hash);
    if (before === undefined && outcomes.size >= limits.cases) {
      problem ??= `it has more than ${limits.cases} cases`;
      return;
    }
    if (testCase.isFlaky || (before !== undefined && isOpposite(before, outcome))) flaky.add(hash);
    if (before === undefined || isWorse(outcome, before)) outcomes.set(hash, outcome);
    milliseconds += result.milliseconds;
    outputs += result.output?.length ?? 0;
    const same = waiting.get(hash);
    waiting.set(hash, same === undefined ? result : merged(same, result));
  }

  function resultOf(testCase: JunitCase): TestResult {
    const short = (text: string) => withoutNulls(text).slice(0, limits.name);
    const { outcome } = testCase;
    const identity = {
      job,
      suite: short(testCase.suite),
      className: short(testCase.className),
      name: short(testCase.name),
    };
    const isFailure = outcome === 'failed' || outcome === 'error';
    return {
      ...identity,
      hash: testHash(identity),
      file: testCase.file === null ? null : short(testCase.file),
      outcome,
      milliseconds: Math.min(Math.round(testCase.seconds * 1000), LONGEST_MS),
      output: isFailure && outputs < limits.outputs ? withoutNulls(outputOf(testCase)) : null,
    };
  }

  async function flush(least: number): Promise<void> {
    while (waiting.size > least) {
      const some = [...waiting.values()].slice(0, AT_ONCE);
      for (const { hash } of some) waiting.delete(hash);
      await keep(some);
    }
  }

  try {
    for await (const chunk of content) {
      stream.write(chunk);
      await flush(AT_ONCE);
      if (problem !== null) break;
      // Parsing is work for this thread: whatever else it has to do comes in between.
      await nextTurn();
    }
  } catch (error) {
    if (!(error instanceof UnreadableReport)) throw error;
    problem ??= error.message;
  }
  const wrong = await stream.end();
  problem ??= wrong;
  await flush(0);
  const counts = { skipped: 0, success: 0, error: 0, failed: 0 };
  for (const outcome of outcomes.values()) counts[outcome] += 1;
  return {
    total: outcomes.size,
    failed: counts.failed,
    errored: counts.error,
    skipped: counts.skipped,
    milliseconds,
    problem,
    flaky: [...flaky],
  };
}

/** A report that is read once all of it is there. */
function createWholeReport(type: OtherTestReport, add: (testCase: JunitCase) => void) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return {
    write(chunk: Buffer): void {
      bytes += chunk.length;
      if (bytes <= MOST_WHOLE_BYTES) chunks.push(chunk);
    },
    async end(): Promise<string | null> {
      if (bytes > MOST_WHOLE_BYTES) return `it has more than ${MOST_WHOLE_BYTES} bytes`;
      return await readJoinedTests(type, Buffer.concat(chunks).toString(), ({ message, ...found }) =>
        add({ ...found, className: '', file: null, message, text: '', isFlaky: false }),
      );
    },
  };
}

const MOST_WHOLE_BYTES = 64 * 1024 * 1024;

const AT_ONCE = 500;
/** A report that says a case took longer than a year says nothing. */
const LONGEST_MS = 365 * 24 * 3600 * 1000;

const RANK: Readonly<Record<TestOutcome, number>> = { skipped: 0, success: 1, error: 2, failed: 3 };

function isWorse(one: TestOutcome, other: TestOutcome): boolean {
  return RANK[one] > RANK[other];
}

function isOpposite(one: TestOutcome, other: TestOutcome): boolean {
  const ranks = [RANK[one], RANK[other]];
  return ranks.includes(RANK.success) && Math.max(...ranks) > RANK.success;
}

function merged(one: TestResult, other: TestResult): TestResult {
  return {
    ...one,
    outcome: isWorse(other.outcome, one.outcome) ? other.outcome : one.outcome,
    milliseconds: one.milliseconds + other.milliseconds,
    output: one.output ?? other.output,
  };
}

function outputOf({ message, text }: JunitCase): string {
  if (text === '' || text.startsWith(message)) return text === '' ? message : text;
  return message === '' ? text : `${message}\n${text}`;
}

/** PostgreSQL keeps no text with them. */
function withoutNulls(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '') : text;
}
