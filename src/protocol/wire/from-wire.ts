import type { JobArtifact, JobCache, JobImage, JobService, JobSpec, JobVariable } from '../job-spec.ts';
import type { WireArtifact, WireCache, WireImage, WireJob, WireService, WireVariable } from './job-schema.ts';

/** How a runner reaches what the job is made of. */
export interface JobAccess {
  readonly token: string;
  readonly repository: { readonly url: string; readonly refspecs: readonly string[]; readonly depth: number };
  /** Where its files are that other jobs share; null: the server does not say. */
  readonly place: number | null;
  /** By the id of the job that made the artifacts. */
  readonly dependencyTokens: ReadonlyMap<number, string>;
}

/**
 * Reads a job that a server wrote. Coverage and environment are not on the wire: the server finds the first in the log,
 * and the second is in the variables.
 * @throws TypeError for a step that is neither the script nor the after_script: to leave it out would be to pass without
 *   having done the job
 */
export function fromWire(job: WireJob): { readonly spec: JobSpec; readonly access: JobAccess } {
  const { git_info: git, job_info: info } = job;
  const { script, afterScript } = scriptsOf(job);
  const { command, shared_workspace: sharedWorkspace, volumes, place } = job.slipway ?? {};
  const spec: JobSpec = {
    id: job.id,
    name: info.name,
    stage: info.stage,
    pipelineId: info.pipeline_id ?? 0,
    projectPath: info.project_full_path ?? valueNamed(job.variables, 'CI_PROJECT_PATH') ?? info.project_name,
    git: { sha: git.sha, ref: git.ref, refKind: git.ref_type },
    variables: job.variables.map(variableOf),
    preGetSourcesScript: (job.hooks ?? [])
      .filter(({ name }) => name === 'pre_get_sources_script')
      .flatMap((hook) => hook.script),
    script,
    afterScript,
    image: job.image === null || job.image === undefined ? null : imageOf(job.image),
    services: job.services.map(serviceOf),
    caches: job.cache.map(cacheOf),
    artifacts: job.artifacts.map(artifactOf),
    dependencies: job.dependencies.map(({ id, name }) => ({ id, name })),
    timeoutSeconds: job.runner_info.timeout,
    coverage: null,
    environment: null,
    ...(command === undefined
      ? {}
      : { command: { program: command.program ?? null, arguments: command.arguments ?? null } }),
    ...(sharedWorkspace === undefined ? {} : { sharedWorkspace }),
    ...(volumes === undefined ? {} : { volumes }),
  };
  return {
    spec,
    access: {
      token: job.token,
      repository: { url: git.repo_url, refspecs: git.refspecs, depth: git.depth },
      place: place ?? null,
      dependencyTokens: new Map(job.dependencies.map(({ id, token }) => [id, token])),
    },
  };
}

function scriptsOf({ steps }: WireJob): Pick<JobSpec, 'script' | 'afterScript'> {
  const unknown = steps.find(({ name }) => name !== 'script' && name !== 'after_script');
  if (unknown !== undefined) throw new TypeError(`The step ${JSON.stringify(unknown.name)} is not supported`);
  const linesOf = (wanted: string) =>
    steps.filter(({ name }) => name === wanted).flatMap((step) => step.script);
  return { script: linesOf('script'), afterScript: linesOf('after_script') };
}

function valueNamed(variables: readonly WireVariable[], key: string): string | undefined {
  return variables.findLast((variable) => variable.key === key)?.value;
}

function variableOf({ key, value, file, masked, raw }: WireVariable): JobVariable {
  return { key, value, file, masked, raw };
}

function imageOf({ name, entrypoint, pull_policy: policies, executor_opts: options }: WireImage): JobImage {
  return {
    name,
    entrypoint: entrypoint ?? null,
    pullPolicy: (policies ?? []).map(policyOf),
    platform: options?.docker?.platform ?? null,
    user: options?.docker?.user ?? null,
  };
}

function policyOf(policy: string): JobImage['pullPolicy'][number] {
  if (policy === 'always' || policy === 'if-not-present' || policy === 'never') return policy;
  throw new TypeError(`The pull policy ${JSON.stringify(policy)} is not supported`);
}

function serviceOf(service: WireService): JobService {
  return {
    ...imageOf(service),
    aliases: (service.alias ?? '').split(/[\s,]+/).filter((alias) => alias !== ''),
    command: service.command ?? null,
    variables: (service.variables ?? []).map(variableOf),
  };
}

function artifactOf(artifact: WireArtifact): JobArtifact {
  return {
    type: artifact.artifact_type,
    name: artifact.name ?? null,
    paths: artifact.paths ?? [],
    exclude: artifact.exclude ?? [],
    untracked: artifact.untracked ?? false,
    when: artifact.when ?? 'on_success',
    expireIn: artifact.expire_in ?? null,
  };
}

function cacheOf(cache: WireCache): JobCache {
  return {
    key: { kind: 'text', text: cache.key },
    paths: cache.paths ?? [],
    untracked: cache.untracked ?? false,
    policy: cache.policy ?? 'pull-push',
    when: cache.when ?? 'on_success',
    fallbackKeys: cache.fallback_keys ?? [],
  };
}
