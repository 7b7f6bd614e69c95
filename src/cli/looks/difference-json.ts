import type { Problem } from '../../base/problem.ts';
import type { ComparedSide, Comparison } from '../compare-revisions.ts';

/** A comparison for programs: what `docs/guides/diff.md` lists. */
export function comparisonAsJson({ file, base, head, differences }: Comparison): unknown {
  return {
    file,
    base: sideAsJson(base),
    head: sideAsJson(head),
    equal: differences.every(({ same }) => same),
    differences: differences.map(({ events, before, after, same, changes }) => ({
      events,
      before,
      after,
      equal: same,
      ...changes,
    })),
  };
}

function sideAsJson({ revision, commit, errors }: ComparedSide) {
  return { revision, commit, errors: errors.map(errorAsJson) };
}

function errorAsJson({ code, message, place, hint }: Problem) {
  return { code, message, place, hint };
}
