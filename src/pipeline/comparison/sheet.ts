import type { Cache, ChildInclude, Job, Json, Need, Plan, Trigger, Variables } from '../plan.ts';

/** A value by its keyword, as the pipeline language names it: `before_script`, `image`. What is not set has no entry. */
export type Sheet = Readonly<Record<string, Json>>;

/** A pipeline as it is compared: plain values under the names that people write. */
export interface PipelineSheet {
  readonly stages: readonly string[];
  readonly settings: Sheet;
  readonly variables: Sheet;
  /** In the order of the plan. */
  readonly jobs: ReadonlyMap<string, Sheet>;
}

/** A pipeline that does not exist. */
export const NO_PIPELINE: PipelineSheet = { stages: [], settings: {}, variables: {}, jobs: new Map() };

/** `more`: what else there is to say of a job, such as the rules that let it in. */
export function sheetOf(plan: Plan, more: (job: Job) => Sheet = () => ({})): PipelineSheet {
  return {
    stages: plan.stages,
    settings: filled({
      name: plan.name,
      'auto_cancel:on_new_commit': plan.autoCancel.onNewCommit,
      'auto_cancel:on_job_failure': plan.autoCancel.onJobFailure,
    }),
    variables: variablesSheet(plan.variables),
    jobs: new Map(plan.jobs.map((job) => [job.name, { ...jobSheet(job), ...more(job) }] as const)),
  };
}

function jobSheet(job: Job): Sheet {
  const { name: _, needs, variables, allowFailure, allowFailureExitCodes, parallel, ...rest } = job;
  const sheet: Record<string, Json> = {};
  for (const [key, value] of entriesOf(rest)) {
    if (key === 'carried') Object.assign(sheet, plain(value, false));
    else sheet[SHEET_NAMES.get(key) ?? snakeCase(key)] = plain(value, true);
  }
  return filled({
    ...sheet,
    // To wait for nothing is not to wait for the stages before.
    needs: needs === null ? null : needs.length === 0 ? 'none' : needs.map(needValue),
    variables: variablesSheet(variables),
    allow_failure: allowFailureExitCodes.length === 0 ? allowFailure : { exit_codes: allowFailureExitCodes },
    parallel: parallel === null ? null : parallel.total,
    ...(job.kind === 'build'
      ? { cache: job.caches.map(cacheValue) }
      : { trigger: { ...targetValue(job.trigger), ...triggerRest(job.trigger) } }),
  });
}

/** Where the plan's word is not the keyword's. */
const SHEET_NAMES: ReadonlyMap<string, string> = new Map([
  ['caches', 'cache'],
  ['startInSeconds', 'start_in'],
  ['timeoutSeconds', 'timeout'],
  ['preGetSourcesScript', 'hooks:pre_get_sources_script'],
]);

/** Mappings whose keys are a person's own. */
const OWN_KEYS: ReadonlySet<string> = new Set(['variables', 'inputs', 'reports', 'kubernetes']);

function needValue({ job, artifacts, optional }: Need): Json {
  if (artifacts && !optional) return job;
  return { job, ...(artifacts ? {} : { artifacts }), ...(optional ? { optional } : {}) };
}

/** As it is written: without what holds when nobody writes it. */
function cacheValue({ key, ...rest }: Cache): Json {
  const written = Object.entries(plain(rest, true) ?? {});
  return filled({
    key:
      key.kind === 'text'
        ? key.text
        : { [snakeCase(key.kind.replace('-', '_'))]: key.files, ...prefixOf(key) },
    ...Object.fromEntries(written),
  });
}

function prefixOf(key: Exclude<Cache['key'], { kind: 'text' }>): Sheet {
  return key.prefix === null ? {} : { prefix: key.prefix };
}

function targetValue({ target }: Trigger): Sheet {
  if (target.kind === 'project') return filled({ project: target.project, branch: target.branch });
  if (target.kind === 'mirror') return { mirror: target.project };
  return { include: target.includes.map(includeValue) };
}

function includeValue({ kind, inputs, further = {}, ...rest }: ChildInclude): Json {
  const [[, what] = ['', null], ...more] = [...entriesOf(rest), ...entriesOf(further)];
  return filled({
    [kind]: plain(what, true),
    ...Object.fromEntries(more.map(([k, v]) => [k, plain(v, true)])),
    inputs,
  });
}

function triggerRest({ strategy, forward, inputs }: Trigger): Sheet {
  return filled({
    strategy,
    ...(forward.yamlVariables ? {} : { 'forward:yaml_variables': false }),
    ...(forward.pipelineVariables ? { 'forward:pipeline_variables': true } : {}),
    inputs,
  });
}

function variablesSheet(variables: Variables): Sheet {
  return Object.fromEntries(
    Object.entries(variables).map(([name, { value, expand }]) => [name, expand ? value : { value, expand }]),
  );
}

/** A part of a plan as JSON, with the keys of its objects as a pipeline file has them and without what is not set. */
function plain(value: unknown, isOurs: boolean): Json {
  if (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    typeof value === 'number'
  ) {
    return value;
  }
  if (Array.isArray(value)) return value.map((item: unknown) => plain(item, isOurs));
  const parts = entriesOf(value).map(
    ([key, part]) => [isOurs ? snakeCase(key) : key, plain(part, isOurs && !OWN_KEYS.has(key))] as const,
  );
  if (!isOurs) return Object.fromEntries(parts);
  const kept = filled(Object.fromEntries(parts.filter(([key, part]) => !isUsual(key, part))));
  // An image that is only a name is written as one.
  return Object.keys(kept).length === 1 && kept.name !== undefined ? kept.name : kept;
}

/** What holds in a keyword's mapping when nobody writes it. */
function isUsual(key: string, value: Json): boolean {
  return value === false || USUAL.has(`${key}: ${String(value)}`);
}

const USUAL: ReadonlySet<string> = new Set([
  'when: on_success',
  'action: start',
  'access: all',
  'policy: pull-push',
]);

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** Without what is null or empty. */
function filled(values: Readonly<Record<string, Json>>): Sheet {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: Json): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

function snakeCase(key: string): string {
  return key.replaceAll(
    /([a-z0-9])([A-Z])/g,
    (_, before: string, after: string) => `${before}_${after.toLowerCase()}`,
  );
}
