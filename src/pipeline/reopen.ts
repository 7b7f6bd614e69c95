import { markOf } from './composite.ts';
import { type Draft, type JobChanges, jobAt, moveJob } from './draft.ts';
import { firstIndexWith } from './marked-list.ts';
import { nodeAt } from './state.ts';
import type { Cause } from './transitions.ts';

/** Begins a new attempt of a job that is over. It is decided afresh, as if it had never run. */
export function reopenJob(draft: Draft, index: number, cause: Cause, changes: JobChanges): void {
  const { job } = nodeAt(draft.graph, index);
  moveJob(draft, index, cause, 'created', {
    attempt: jobAt(draft, index).attempt + 1,
    allowedToFail: job.allowFailure,
    hasDownstream: false,
    ...changes,
  });
  draft.undecided.push(index);
}

/**
 * After a person has set a settled job going again: gives every skipped job that comes later (by needs, over any
 * number of steps, or by stage) another chance. Those whose reasons have not changed are skipped again.
 */
export function reviveSkippedAfter(draft: Draft, index: number): void {
  for (const later of skippedAfter(draft, index)) {
    // A bridge that mirrored a skipped pipeline has had its turn in this attempt; any other skipped job has not.
    if (jobAt(draft, later).hasDownstream) {
      reopenJob(draft, later, 'revived', {});
    } else {
      moveJob(draft, later, 'revived', 'created');
      draft.undecided.push(later);
    }
  }
}

const SKIPPED = markOf('skipped', false);

function skippedAfter(draft: Draft, index: number): number[] {
  const found = new Set<number>();
  for (const descendant of descendantsOf(draft, index)) {
    if (jobAt(draft, descendant).status === 'skipped') found.add(descendant);
  }
  let later = firstIndexWith(draft.jobs, SKIPPED, nodeAt(draft.graph, index).stage.to);
  while (later !== null) {
    found.add(later);
    later = firstIndexWith(draft.jobs, SKIPPED, later + 1);
  }
  return [...found].sort((a, b) => a - b);
}

function descendantsOf(draft: Draft, index: number): Set<number> {
  const found = new Set(nodeAt(draft.graph, index).dependents);
  // A set that grows while it is walked is walked to its end.
  for (const descendant of found) {
    for (const dependent of nodeAt(draft.graph, descendant).dependents) found.add(dependent);
  }
  return found;
}
