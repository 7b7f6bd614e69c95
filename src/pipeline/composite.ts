import type { JobStatus } from './status.ts';

/**
 * What counts of a job when several are taken together: its status, or one of two words that only exist here.
 * `warning` is a failed or canceled job that is allowed to fail; `ignored` is a manual one that nobody has to play.
 */
type Mark = JobStatus | 'warning' | 'ignored';

const MARKS = {
  created: 1 << 0,
  waiting_for_resource: 1 << 1,
  preparing: 1 << 2,
  waiting_for_callback: 1 << 3,
  pending: 1 << 4,
  running: 1 << 5,
  success: 1 << 6,
  failed: 1 << 7,
  canceling: 1 << 8,
  canceled: 1 << 9,
  skipped: 1 << 10,
  manual: 1 << 11,
  scheduled: 1 << 12,
  warning: 1 << 13,
  ignored: 1 << 14,
} as const satisfies Record<Mark, number>;

/** A free bit above the marks, for whoever stores marks and wants to remember one thing more beside them. */
export const FIRST_FREE_BIT = 1 << 15;

/** The bit that stands for one job. The bits of several jobs are put together with `|`. */
export function markOf(status: JobStatus, allowedToFail: boolean): number {
  if (allowedToFail) {
    if (status === 'failed' || status === 'canceled') return MARKS.warning;
    if (status === 'manual') return MARKS.ignored;
  }
  return MARKS[status];
}

/** Jobs with these marks have said their last word, for now: what waits for them may be decided. */
export const SETTLED =
  MARKS.success | MARKS.failed | MARKS.canceled | MARKS.skipped | MARKS.warning | MARKS.ignored;

/** Jobs with these marks wait for an answer: from a runner, a timer, a resource group or another pipeline. */
export const IN_FLIGHT =
  MARKS.waiting_for_resource |
  MARKS.preparing |
  MARKS.waiting_for_callback |
  MARKS.pending |
  MARKS.running |
  MARKS.canceling |
  MARKS.scheduled;

export const UNSETTLED = IN_FLIGHT | MARKS.created | MARKS.manual;

const PASSED_OVER = MARKS.warning | MARKS.ignored;
const ENDED_WELL = MARKS.success | MARKS.skipped | PASSED_OVER;

/** First hit wins, and the order matters: a later row relies on what the earlier ones have ruled out. */
const RULES: readonly (readonly ['only' | 'any', number, JobStatus])[] = [
  ['only', MARKS.skipped | MARKS.ignored, 'skipped'],
  ['only', ENDED_WELL, 'success'],
  ['only', MARKS.created | PASSED_OVER, 'created'],
  ['only', MARKS.preparing | PASSED_OVER, 'preparing'],
  ['only', MARKS.canceled | ENDED_WELL, 'canceled'],
  ['only', MARKS.pending | MARKS.created | MARKS.skipped | PASSED_OVER, 'pending'],
  ['any', MARKS.running | MARKS.pending, 'running'],
  ['any', MARKS.waiting_for_resource, 'waiting_for_resource'],
  ['any', MARKS.waiting_for_callback, 'waiting_for_callback'],
  ['any', MARKS.manual, 'manual'],
  ['any', MARKS.scheduled, 'scheduled'],
  ['any', MARKS.preparing, 'preparing'],
  ['any', MARKS.created, 'running'],
  ['any', MARKS.canceling, 'canceling'],
];

/**
 * The one status of several jobs: of a stage, of a pipeline, or of all stages before one. Null when there are none.
 * The rules are GitLab's; tables/composite_status.json holds what its own code answers for every set of three.
 */
export function compositeStatus(marks: number): JobStatus | null {
  if (marks === 0) return null;
  for (const [kind, wanted, status] of RULES) {
    const hit = kind === 'only' ? (marks & ~wanted) === 0 : (marks & wanted) !== 0;
    if (hit) return status;
  }
  return 'failed';
}

/** The one status of the jobs that another one names in `needs`: a need that did not run spoils the whole. */
export function compositeStatusOfNeeds(marks: number): JobStatus | null {
  if ((marks & (MARKS.skipped | MARKS.ignored)) !== 0) return 'skipped';
  return compositeStatus(marks);
}
