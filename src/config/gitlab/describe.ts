import { expandVariableSet } from '../../base/expand-variables.ts';
import type {
  Artifacts,
  BuildJob,
  Cache,
  ChildInclude,
  Environment,
  Job,
  Json,
  Retry,
  Trigger,
  Variables,
} from '../../pipeline/index.ts';
import type { PipelineContext } from '../context.ts';
import { describePlanned } from '../describe-planned.ts';
import { type MappingEntry, type MappingNode, toJson } from '../document/index.ts';
import type { PipelineReading } from '../reading.ts';
import { isNull } from './entries/collections.ts';
import { createJsonLimit } from './json-limit.ts';
import { MASKED, type Mask, maskedNames, maskJson, maskOf, SHORTEST_SECRET } from './mask.ts';
import type { ParsedJob } from './parsed.ts';
import { jobIdentityVariables } from './predefined.ts';
import type { SeededIn, Seeding } from './seed.ts';
import { type VariableMap, variableSet } from './variables.ts';

/**
 * A reading as JSON: `pipeline`, `stages`, `jobs` by name, `variables`, `problems`. Attributes are named as GitLab
 * names them in the created job; what is not set is null, and of artifacts only what was written is there. Secrets are
 * masked; `context` says which there are where the reading does not, in other languages than GitLab's.
 *
 * @throws AppError `json-too-large`
 */
export function describePipeline(reading: PipelineReading, context?: PipelineContext): Json {
  const { plan, details } = reading;
  const known = details?.seeding.context ?? context;
  const mask: Mask = known === undefined ? (text) => text : maskOf(known, SHORTEST_SECRET);
  const count = createJsonLimit();
  const jobs = (plan?.jobs ?? []).flatMap((job): readonly (readonly [string, Json])[] => {
    if (reading.language !== 'gitlab') {
      if (job.kind !== 'build') return [];
      const described = describePlanned(job);
      count(job.name, described);
      return [[job.name, maskJson(described, mask)]];
    }
    const seeded = details?.jobs.get(job.name);
    const parsed = details?.seeding.index.byName.get(job.name)?.job;
    if (details === null || seeded === undefined || parsed === undefined) return [];
    const described = describeJob(job, seeded, parsed, details.seeding);
    count(job.name, described);
    return [[job.name, maskJson(described, mask)]];
  });
  return {
    language: reading.language,
    pipeline: reading.outcome,
    stages: plan?.stages ?? [],
    jobs: Object.fromEntries(jobs),
    variables: values(plan?.variables ?? {}),
    workflow_name: plan === null ? null : maskJson(plan.name, mask),
    auto_cancel:
      plan === null
        ? null
        : { on_new_commit: plan.autoCancel.onNewCommit, on_job_failure: plan.autoCancel.onJobFailure },
    problems: reading.problems.map((problem) => ({
      severity: problem.severity,
      code: problem.code,
      message: problem.message,
      place: problem.place === null ? null : { ...problem.place },
      hint: problem.hint,
    })),
  };
}

function describeJob(job: Job, seeded: SeededIn, parsed: ParsedJob, seeding: Seeding): Json {
  // Of the needs GitLab keeps also the optional ones of jobs that are not there.
  const { needs } = seeded.job;
  return {
    kind: job.kind,
    stage: job.stage,
    when: job.when,
    start_in: job.startInSeconds,
    allow_failure: job.allowFailure,
    allow_failure_exit_codes: job.allowFailureExitCodes.length === 0 ? null : job.allowFailureExitCodes,
    interruptible: seeded.rule?.interruptible ?? parsed.interruptible,
    scheduling: needs === null ? 'stage' : 'dag',
    needs: needs === null ? null : needs.map((need) => need.job),
    needs_artifacts:
      needs === null ? null : Object.fromEntries(needs.map((need) => [need.job, need.artifacts])),
    variables: values(job.variables),
    effective_variables: effectiveVariables(job, seeding),
    resource_group: job.resourceGroup,
    environment: job.environment === null ? null : describeEnvironment(job.environment, parsed.environment),
    manual_confirmation: job.manualConfirmation,
    instance: job.parallel?.index ?? null,
    parallel_total: job.parallel?.total ?? null,
    ...(job.kind === 'build' ? describeBuild(job, parsed) : { trigger: describeTrigger(job.trigger) }),
  };
}

function describeBuild(job: BuildJob, { source }: ParsedJob): Readonly<Record<string, Json>> {
  return {
    script: job.script,
    before_script: job.beforeScript,
    after_script: job.afterScript,
    hooks: job.preGetSourcesScript === null ? null : { pre_get_sources_script: job.preGetSourcesScript },
    tags: isUnset(job.tags, 'tags', source) ? null : job.tags,
    image: job.image?.name ?? null,
    image_entrypoint: job.image?.entrypoint ?? null,
    image_pull_policy: job.image === null || job.image.pullPolicy.length === 0 ? null : job.image.pullPolicy,
    services: isUnset(job.services, 'services', source) ? null : job.services.map((service) => service.name),
    cache: isUnset(job.caches, 'cache', source) ? null : job.caches.map(describeCache),
    artifacts: job.artifacts === null ? null : describeArtifacts(job.artifacts, source),
    dependencies: job.dependencies,
    retry: job.retry === null ? null : describeRetry(job.retry, source),
    timeout_seconds: job.timeoutSeconds,
    coverage: job.coverage,
    ...job.carried,
  };
}

/** An empty list that nobody wrote. */
function isUnset(list: readonly unknown[], key: string, source: MappingNode): boolean {
  return list.length === 0 && !isWritten(source.entries.get(key));
}

function values(variables: Variables): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(variables).map(([name, { value }]) => [name, value]));
}

/** What the job's own variables come to with project and pipeline variables over them, references followed. */
function effectiveVariables(job: Job, { shared, context }: Seeding): Readonly<Record<string, string>> {
  const yaml: VariableMap = new Map(Object.entries(job.variables));
  const expanded = expandVariableSet(variableSet(shared, yaml, jobIdentityVariables(job)), 'keep');
  const names = new Set([...yaml.keys(), ...shared.project.keys(), ...shared.pipeline.keys()]);
  const secret = maskedNames(context);
  return Object.fromEntries(
    [...names].map((name) => [name, secret.has(name) ? MASKED : (expanded.get(name) ?? '')]),
  );
}

/** The name as it is written; `expanded_name` has its variables put in. */
function describeEnvironment(environment: Environment, written: Environment | null): Json {
  return {
    name: written?.name ?? environment.name,
    expanded_name: environment.name,
    url: environment.url,
    action: environment.action,
    on_stop: environment.onStop,
    auto_stop_in: environment.autoStopIn,
    deployment_tier: environment.deploymentTier,
    kubernetes: environment.kubernetes,
  };
}

function describeCache(cache: Cache): Json {
  return {
    key: describeCacheKey(cache),
    paths: cache.paths,
    untracked: cache.untracked,
    unprotect: cache.unprotect,
    policy: cache.policy,
    when: cache.when,
    fallback_keys: cache.fallbackKeys,
  };
}

function describeCacheKey({ key }: Cache): Json {
  if (key.kind === 'text') return key.text;
  const prefix = key.prefix === null ? {} : { prefix: key.prefix };
  return key.kind === 'files' ? { files: key.files, ...prefix } : { files_commits: key.files, ...prefix };
}

function describeArtifacts(artifacts: Artifacts, source: MappingNode): Json {
  const written = source.entries.get('artifacts')?.value;
  const keys = written?.kind === 'mapping' ? written.entries : null;
  const all: Readonly<Record<string, Json>> = {
    name: artifacts.name,
    paths: artifacts.paths,
    exclude: artifacts.exclude,
    untracked: artifacts.untracked,
    when: artifacts.when,
    expire_in: artifacts.expireIn,
    expose_as: artifacts.exposeAs,
    access: artifacts.access,
    reports: describeReports(artifacts.reports),
  };
  const kept = Object.entries(all).filter(
    ([key]) => isWritten(keys?.get(key)) || (key === 'paths' && artifacts.paths.length > 0),
  );
  const given = keys?.get('public');
  return { ...Object.fromEntries(kept), ...(isWritten(given) ? { public: toJson(given.value) } : {}) };
}

function isWritten(entry: MappingEntry | undefined): entry is MappingEntry {
  return entry !== undefined && !isNull(entry.value);
}

/** A coverage report is kept under its format, and written with it. */
function describeReports(reports: Artifacts['reports']): Json {
  const described = Object.entries(reports).map(([type, paths]): readonly [string, Json] => {
    if (type !== 'cobertura' && type !== 'jacoco') return [type, paths];
    return ['coverage_report', { coverage_format: type, path: paths[0] ?? '' }];
  });
  return Object.fromEntries(described);
}

/** The plan has no word for `always`: it is what a list without reasons means. */
function describeRetry(retry: Retry, { entries }: MappingNode): Json {
  const written = entries.get('retry')?.value;
  const when = written?.kind === 'mapping' ? written.entries.get('when')?.value : undefined;
  const reasons = when === undefined ? null : toJson(when);
  const always = reasons === 'always' || (Array.isArray(reasons) && reasons.includes('always'));
  return {
    max: retry.max,
    ...(always ? { when: Array.isArray(reasons) ? reasons : [reasons] } : {}),
    ...(retry.when.length === 0 ? {} : { when: retry.when }),
    ...(retry.exitCodes.length === 0 ? {} : { exit_codes: retry.exitCodes }),
  };
}

function describeTrigger({ target, strategy, forward, inputs }: Trigger): Json {
  return {
    ...describeTarget(target),
    strategy,
    forward: { yaml_variables: forward.yamlVariables, pipeline_variables: forward.pipelineVariables },
    inputs,
  };
}

function describeTarget(target: Trigger['target']): Readonly<Record<string, Json>> {
  switch (target.kind) {
    case 'project':
      return { project: target.project, branch: target.branch };
    case 'child':
      return { include: target.includes.map(describeInclude) };
    case 'mirror':
      return { mirror: target.project };
  }
}

function describeInclude(include: ChildInclude): Json {
  const inputs = {
    ...(Object.keys(include.inputs).length === 0 ? {} : { inputs: include.inputs }),
    ...include.further,
  };
  switch (include.kind) {
    case 'local':
      return { local: include.path, ...inputs };
    case 'artifact':
      return { artifact: include.path, job: include.job, ...inputs };
    case 'project':
      return { project: include.project, file: include.path, ref: include.ref, ...inputs };
    case 'template':
      return { template: include.name, ...inputs };
    case 'remote':
      return { remote: include.url, ...inputs };
    case 'component':
      return { component: include.component, ...inputs };
  }
}
