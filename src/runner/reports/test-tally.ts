import type { TestSummary } from '../job-result.ts';

/** One test, as a report has it. */
export interface FoundTest {
  readonly suite: string;
  readonly name: string;
  readonly outcome: 'success' | 'failed' | 'error' | 'skipped';
  readonly seconds: number;
  /** Of a failure or an error. */
  readonly message: string;
}

export interface TestTally {
  add(test: FoundTest): void;
  summary(): TestSummary;
}

const MAX_FAILURES = 20;
const MAX_TEXT = 1_000;

export function createTestTally(): TestTally {
  const counts = { success: 0, failed: 0, error: 0, skipped: 0 };
  const failures: { suite: string; name: string; message: string }[] = [];
  let seconds = 0;
  return {
    add(test) {
      counts[test.outcome] += 1;
      if (Number.isFinite(test.seconds) && test.seconds > 0) seconds += test.seconds;
      if (test.outcome !== 'failed' && test.outcome !== 'error') return;
      if (failures.length >= MAX_FAILURES) return;
      const [suite = '', name = '', message = ''] = [test.suite, test.name, test.message.trim()].map((text) =>
        text.slice(0, MAX_TEXT),
      );
      failures.push({ suite, name, message });
    },
    summary: () => ({
      total: counts.success + counts.failed + counts.error + counts.skipped,
      failed: counts.failed,
      errored: counts.error,
      skipped: counts.skipped,
      seconds,
      failures: [...failures],
    }),
  };
}

/** Of two kinds of reports. */
export function addSummaries(one: TestSummary | null, other: TestSummary | null): TestSummary | null {
  if (one === null || other === null) return one ?? other;
  return {
    total: one.total + other.total,
    failed: one.failed + other.failed,
    errored: one.errored + other.errored,
    skipped: one.skipped + other.skipped,
    seconds: one.seconds + other.seconds,
    failures: [...one.failures, ...other.failures].slice(0, MAX_FAILURES),
  };
}
