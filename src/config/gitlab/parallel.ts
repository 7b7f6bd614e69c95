import type { Variable } from '../../pipeline/index.ts';
import type { ParsedJob, ParsedParallel } from './parsed.ts';
import { NO_VARIABLES, type VariableMap } from './variables.ts';

/** A job may be at most this many. */
export const MAX_PARALLEL = 200;

/** A job as it stands in the pipeline: itself, or one of the jobs that `parallel` makes of it. */
export interface JobInstance {
  /** The job's name, `name 2/5` or `name: [linux, x64]`. */
  readonly name: string;
  readonly job: ParsedJob;
  readonly parallel: { readonly index: number; readonly total: number } | null;
  /** What `parallel:matrix` sets for this one. */
  readonly matrix: VariableMap;
}

/** The instances of one job, in order. */
export function expandParallel(job: ParsedJob): readonly JobInstance[] {
  if (job.parallel === null) return [{ name: job.name, job, parallel: null, matrix: NO_VARIABLES }];
  const combinations = parallelCombinations(job.parallel);
  const total = combinations.length;
  return combinations.map((combination, at) => {
    const index = at + 1;
    const isMatrix = job.parallel?.kind === 'matrix';
    return {
      name: isMatrix ? matrixName(job.name, combination) : `${job.name} ${index}/${total}`,
      job,
      parallel: { index, total },
      matrix: toVariables(combination),
    };
  });
}

/** How many jobs a `parallel` makes, without making them: the product can be astronomical. */
export function parallelSize(parallel: ParsedParallel): number {
  if (parallel.kind === 'count') return parallel.count;
  return parallel.entries.reduce(
    (sum, entry) => sum + entry.reduce((product, [, v]) => product * v.length, 1),
    0,
  );
}

/** The names of the instances that a `needs:parallel:matrix` selects: its keys in the order it gives them. */
export function selectedNames(job: string, entries: readonly MatrixSelection[]): readonly string[] {
  return entries.flatMap((entry) =>
    product(Object.entries(entry)).map((combination) => matrixName(job, combination)),
  );
}

export type MatrixSelection = Readonly<Record<string, readonly string[]>>;

/** One value for each variable, in the order of the keys. */
type Combination = readonly (readonly [string, string])[];

function parallelCombinations(parallel: ParsedParallel): readonly Combination[] {
  if (parallel.kind === 'count') return Array.from({ length: parallel.count }, () => []);
  return parallel.entries.flatMap(product);
}

/** The last key's values change fastest. */
function product(entry: readonly (readonly [string, readonly string[]])[]): readonly Combination[] {
  let combinations: readonly Combination[] = [[]];
  for (const [key, values] of entry) {
    combinations = combinations.flatMap((start) =>
      values.map((value): Combination => [...start, [key, value]]),
    );
  }
  return combinations;
}

function matrixName(job: string, combination: Combination): string {
  return `${job}: [${combination.map(([, value]) => value).join(', ')}]`;
}

function toVariables(combination: Combination): VariableMap {
  if (combination.length === 0) return NO_VARIABLES;
  return new Map(combination.map(([key, value]): [string, Variable] => [key, { value, expand: true }]));
}
