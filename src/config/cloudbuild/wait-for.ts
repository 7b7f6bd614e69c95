import { closestTo } from '../../base/closest.ts';
import type { Problem } from '../../base/problem.ts';
import type { Need } from '../../pipeline/index.ts';
import { type MappingNode, problemAt } from '../document/index.ts';
import { textsIn } from './language/values.ts';

/**
 * What a step waits for. `earlier`: the names of the steps before it, in order; only those can be waited for. Without
 * `waitFor`, or with an empty one, it is all of them.
 */
export function needsOf(step: MappingNode, earlier: readonly string[], problems: Problem[]): readonly Need[] {
  const written = textsIn(step, 'waitFor');
  if (written.length === 0) return earlier.map(need);
  const known = new Set(earlier);
  const wanted = new Set<string>();
  for (const { text, node } of written) {
    if (text === '-') continue;
    if (known.has(text)) {
      wanted.add(text);
      continue;
    }
    const near = closestTo(text, known);
    problems.push(
      problemAt(node.span, {
        code: 'cloudbuild-wait-for',
        message: `No step before this one has the id ${JSON.stringify(text)}`,
        hint:
          near === null
            ? 'A step can only wait for steps that stand before it.'
            : `Did you mean \`${near}\`?`,
      }),
    );
  }
  return [...wanted].map(need);
}

/** Steps share the workspace, so that there is nothing to fetch. */
export function need(job: string): Need {
  return { job, artifacts: false, optional: false };
}
