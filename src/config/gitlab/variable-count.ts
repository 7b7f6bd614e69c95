import type { Problem } from '../../base/problem.ts';
import type { Variables } from '../../pipeline/index.ts';
import { problemAt } from '../document/index.ts';
import type { JobInstance } from './parallel.ts';

/**
 * Counts the variables of all jobs. Jobs with none of their own share those of the root; of the others each has a copy
 * of all, and thousands of jobs with thousands of variables would fill the memory.
 */
export function createVariableCount(): (instance: JobInstance, variables: Variables) => Problem | null {
  const counted = new Set<Variables>();
  let count = 0;
  return ({ name, job }, variables) => {
    if (counted.has(variables)) return null;
    counted.add(variables);
    count += Object.keys(variables).length;
    if (count <= MAX_VARIABLES) return null;
    return problemAt(job.nameSpan, {
      code: 'variables-too-large',
      message: `All jobs together have too many variables: more than ${MAX_VARIABLES} at ${name}`,
      hint: '`inherit:variables` names those that a job needs of the variables of all jobs.',
    });
  };
}

const MAX_VARIABLES = 2_000_000;
