import { expandVariableSet, type SetVariable, type VariableLookup } from '../../base/expand-variables.ts';
import type { Variable } from '../../pipeline/index.ts';
import type { PipelineContext } from '../context.ts';
import { pipelineVariables, userVariables } from './predefined.ts';

/** Where a variable comes from, low to high precedence. */
export const VARIABLE_LEVELS = [
  'predefined',
  'root',
  'workflow',
  'job',
  'matrix',
  'rule',
  'user',
  'project',
  'pipeline',
] as const;

export type VariableLevel = (typeof VARIABLE_LEVELS)[number];

/** A variable under each of its names; the map's order is the order of definition. */
export type VariableMap = ReadonlyMap<string, Variable>;

export const NO_VARIABLES: VariableMap = new Map();

/** What all jobs of a pipeline see alike, below and above their YAML variables. */
export interface SharedVariables {
  readonly predefined: VariableMap;
  readonly user: VariableMap;
  readonly project: VariableMap;
  readonly pipeline: VariableMap;
  /** The three above YAML, merged. */
  readonly aboveYaml: VariableMap;
}

export function sharedVariables(context: PipelineContext, pipelineName: string | null): SharedVariables {
  const user = asRaw(userVariables(context));
  const project = new Map(Object.entries(context.projectVariables));
  const pipeline = new Map(Object.entries(context.pipelineVariables));
  return {
    predefined: asRaw(pipelineVariables(context, pipelineName)),
    user,
    project,
    pipeline,
    aboveYaml: mergeVariables(mergeVariables(user, project), pipeline),
  };
}

/** Values the world gave are never expanded: a commit message may say `$HOME`. */
function asRaw(values: ReadonlyMap<string, string>): VariableMap {
  return new Map([...values].map(([name, value]) => [name, { value, expand: false }] as const));
}

/** `over` wins; a name keeps the place where it was first defined. One empty side costs nothing. */
export function mergeVariables(under: VariableMap, over: VariableMap): VariableMap {
  if (over.size === 0) return under;
  if (under.size === 0) return over;
  const merged = new Map(under);
  for (const [name, variable] of over) merged.set(name, variable);
  return merged;
}

/** Root variables a job sees by its `inherit:variables`. */
export function inheritVariables(root: VariableMap, inherit: true | false | readonly string[]): VariableMap {
  if (inherit === true) return root;
  if (inherit === false) return NO_VARIABLES;
  const wanted = new Set(inherit);
  return new Map([...root].filter(([name]) => wanted.has(name)));
}

/** What a rule, or a keyword with variables, can ask. */
export interface VariableScope {
  /** Values as written: what `rules:if` compares. */
  readonly lookup: VariableLookup;
  /** Values with what they refer to put in, unknown references dropped: what globs and names are made with. */
  readonly lookupExpanded: VariableLookup;
}

/**
 * The variables of a job (or, without a job's own predefined ones, of the pipeline). `own` is asked only for names that
 * nothing else defines.
 */
export function variableScope(
  shared: SharedVariables,
  yaml: VariableMap,
  own: () => ReadonlyMap<string, string>,
): VariableScope {
  let ownVariables: ReadonlyMap<string, string> | null = null;
  let expanded: ReadonlyMap<string, string> | null = null;

  function lookup(name: string): string | null {
    const variable = shared.aboveYaml.get(name) ?? yaml.get(name) ?? shared.predefined.get(name);
    if (variable !== undefined) return variable.value;
    ownVariables ??= own();
    return ownVariables.get(name) ?? null;
  }

  function lookupExpanded(name: string): string | null {
    expanded ??= expandVariableSet(variableSet(shared, yaml, own()), 'empty');
    return expanded.get(name) ?? null;
  }

  return { lookup, lookupExpanded };
}

/** All variables of a scope, low to high precedence, for expanding them by each other. */
export function variableSet(
  shared: SharedVariables,
  yaml: VariableMap,
  own: ReadonlyMap<string, string>,
): readonly SetVariable[] {
  const set: SetVariable[] = [];
  for (const [key, value] of own) set.push({ key, value, expand: false });
  for (const level of [shared.predefined, yaml, shared.user, shared.project, shared.pipeline]) {
    for (const [key, { value, expand }] of level) set.push({ key, value, expand });
  }
  return set;
}
