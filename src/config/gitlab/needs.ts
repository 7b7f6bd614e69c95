import type { Need } from '../../pipeline/index.ts';
import type { JobIndex } from './job-index.ts';
import { type JobInstance, selectedNames } from './parallel.ts';
import type { ParsedNeed } from './parsed.ts';

/** What a list of `needs` comes to. */
export interface ExpandedNeeds {
  /** Jobs of this pipeline, parallel ones written out, in order. */
  readonly needs: readonly Need[];
  /** `$[[ matrix.NAME ]]` of variables that the job's own matrix does not have. */
  readonly unknownMatrixVariables: readonly string[];
}

/** Writes out the parallel jobs in a list of needs: all instances, or those that `parallel:matrix` selects. */
export function expandNeeds(
  written: readonly ParsedNeed[],
  instance: JobInstance,
  index: JobIndex,
): ExpandedNeeds {
  const unknown = new Set<string>();
  const needs: Need[] = [];
  for (const need of written) {
    if (need.kind !== 'job') continue;
    const job = fillMatrix(need.job, instance, unknown);
    for (const name of targetNames(job, need, instance, index, unknown)) {
      needs.push({ job: name, artifacts: need.artifacts, optional: need.optional });
    }
  }
  return { needs, unknownMatrixVariables: [...unknown] };
}

/** The names in a list of dependencies, parallel jobs written out. */
export function expandNames(names: readonly string[], index: JobIndex): readonly string[] {
  return names.flatMap((name) => index.instancesOf.get(name) ?? [name]);
}

function targetNames(
  job: string,
  need: Extract<ParsedNeed, { kind: 'job' }>,
  instance: JobInstance,
  index: JobIndex,
  unknown: Set<string>,
): readonly string[] {
  const instances = index.instancesOf.get(job);
  if (instances === undefined) return [job];
  if (need.matrix === null) return instances;
  const selection = need.matrix.map((entry) =>
    Object.fromEntries(
      Object.entries(entry).map(([key, values]) => [
        key,
        values.map((value) => fillMatrix(value, instance, unknown)),
      ]),
    ),
  );
  return selectedNames(job, selection);
}

/** `$[[ matrix.NAME ]]` is the value this instance has for the variable. */
function fillMatrix(text: string, instance: JobInstance, unknown: Set<string>): string {
  if (!text.includes('$[[')) return text;
  return text.replace(/\$\[\[\s*matrix\.([\w-]+)\s*\]\]/g, (whole, name: string) => {
    const variable = instance.matrix.get(name);
    if (variable === undefined) unknown.add(name);
    return variable?.value ?? whole;
  });
}
