import { expandVariableSet, expandVariables } from '../../base/expand-variables.ts';
import type { JobImage, JobSpec, JobVariable } from '../../protocol/index.ts';

/** What the executor itself needs of a job's variables; scripts bring theirs along. */
export interface ExpandedVariables {
  /** By name, expanded; file variables hold their content. */
  readonly values: ReadonlyMap<string, string>;
  /**
   * Those that may be a container's environment, which anybody who may ask the engine can read: no masked variable,
   * nothing that contains the value of one, and no file's content.
   */
  readonly open: ReadonlyMap<string, string>;
}

export function expandJobVariables(job: Pick<JobSpec, 'variables'>, projectDir: string): ExpandedVariables {
  const given: readonly JobVariable[] = [
    ...job.variables,
    { key: 'CI_PROJECT_DIR', value: projectDir, file: false, masked: false, raw: true },
  ];
  const values = expandVariableSet(given.map(toSetVariable), 'empty');
  const last = new Map(given.map((variable) => [variable.key, variable]));
  const secrets = [...last.values()]
    .filter((variable) => variable.masked)
    .map((variable) => values.get(variable.key) ?? '')
    .filter((secret) => secret !== '');
  const open = [...values].filter(([key, value]) => {
    const variable = last.get(key);
    return variable?.masked !== true && variable?.file !== true && !secrets.some((s) => value.includes(s));
  });
  return { values, open: new Map(open) };
}

/** A service sees the job's open variables and, over them, its own, which may name any variable of the job. */
export function serviceVariables(
  job: ExpandedVariables,
  own: readonly JobVariable[],
): ReadonlyMap<string, string> {
  const known = [...job.values].map(([key, value]) => ({ key, value, expand: false }));
  const expanded = expandVariableSet([...known, ...own.map(toSetVariable)], 'empty');
  const result = new Map(job.open);
  for (const { key } of own) result.set(key, expanded.get(key) ?? '');
  return result;
}

/** An image's name, user and platform may name variables; those that are not set become nothing. */
export function expandImage<Image extends JobImage>(image: Image, { values }: ExpandedVariables): Image {
  const expand = (text: string) => expandVariables(text, (name) => values.get(name) ?? null, 'empty');
  return {
    ...image,
    name: expand(image.name),
    user: image.user === null ? null : expand(image.user) || null,
    platform: image.platform === null ? null : expand(image.platform) || null,
  };
}

/** In the form that the engine takes. */
export function environmentList(variables: ReadonlyMap<string, string>): string[] {
  return [...variables].map(([key, value]) => `${key}=${value}`);
}

function toSetVariable({ key, value, raw }: JobVariable) {
  return { key, value, expand: !raw };
}
