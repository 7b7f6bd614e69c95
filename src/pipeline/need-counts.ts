import { markOf, UNSETTLED } from './composite.ts';
import type { JobStatus } from './status.ts';

/**
 * How the jobs that one job needs stand, as far as it matters for that job. Needs that passed, or failed and may, are
 * not counted: they are in nobody's way.
 */
export interface NeedCounts {
  readonly unsettled: number;
  /** Skipped, or manual and nobody has to play it. */
  readonly unrun: number;
  readonly failed: number;
  readonly canceled: number;
}

type Standing = keyof NeedCounts | 'passed';

const FAILED = markOf('failed', false);
const CANCELED = markOf('canceled', false);
const UNRUN = markOf('skipped', false) | markOf('manual', true);

/** The counts for needs with these marks. */
export function countNeeds(marks: readonly number[]): NeedCounts {
  const counts = { unsettled: 0, unrun: 0, failed: 0, canceled: 0, passed: 0 };
  for (const mark of marks) counts[standingOf(mark)] += 1;
  const { unsettled, unrun, failed, canceled } = counts;
  return { unsettled, unrun, failed, canceled };
}

/** The counts after one need has changed its mark; the same object when that makes no difference. */
export function recountNeed(counts: NeedCounts, before: number, after: number): NeedCounts {
  const left = standingOf(before);
  const joined = standingOf(after);
  if (left === joined) return counts;
  const next = { ...counts, passed: 0 };
  next[left] -= 1;
  next[joined] += 1;
  const { unsettled, unrun, failed, canceled } = next;
  return { unsettled, unrun, failed, canceled };
}

/**
 * The composite status of the needs, as `compositeStatusOfNeeds` gives it, where it is a completed one; otherwise
 * null: the job has to wait. One need that did not run is enough for `skipped`, whatever the others still do.
 */
export function settledStatusOfNeeds(counts: NeedCounts): JobStatus | null {
  if (counts.unrun > 0) return 'skipped';
  if (counts.unsettled > 0) return null;
  if (counts.failed > 0) return 'failed';
  return counts.canceled > 0 ? 'canceled' : 'success';
}

function standingOf(mark: number): Standing {
  if ((mark & UNSETTLED) !== 0) return 'unsettled';
  if ((mark & UNRUN) !== 0) return 'unrun';
  if ((mark & FAILED) !== 0) return 'failed';
  return (mark & CANCELED) !== 0 ? 'canceled' : 'passed';
}
