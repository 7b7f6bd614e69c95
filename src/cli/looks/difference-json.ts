import type { Problem } from '../../base/problem.ts';
import type { PipelineDifference } from '../compare-event.ts';
import type { ComparedSide, Comparison } from '../compare-revisions.ts';

/** A comparison for programs: what `docs/guides/diff.md` lists. */
export function comparisonAsJson({ file, language, base, head, differences }: Comparison): unknown {
  return {
    file,
    language,
    base: sideAsJson(base),
    head: sideAsJson(head),
    equal: differences.every(({ same }) => same),
    differences: differences.map(({ events, ...difference }) => ({
      events,
      ...differenceAsJson(difference),
    })),
  };
}

function differenceAsJson({ before, after, same, changes, children }: PipelineDifference): object {
  return {
    before,
    after,
    equal: same,
    ...changes,
    children: children.map(({ job, error, ...difference }) => ({
      job,
      error,
      ...differenceAsJson(difference),
    })),
  };
}

function sideAsJson({ revision, commit, errors }: ComparedSide) {
  return { revision, commit, errors: errors.map(errorAsJson) };
}

function errorAsJson({ code, message, place, hint }: Problem) {
  return { code, message, place, hint };
}
