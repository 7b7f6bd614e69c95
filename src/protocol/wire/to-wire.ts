import { FAILURE_REASONS, type ImageCommand } from '../../pipeline/index.ts';
import type { JobArtifact, JobCache, JobImage, JobService, JobSpec, JobVariable } from '../job-spec.ts';
import { artifactFormat } from './artifact-format.ts';
import type {
  WireArtifact,
  WireCache,
  WireImage,
  WireJob,
  WireService,
  WireStep,
  WireVariable,
} from './job-schema.ts';

/** What GitLab's wire form holds of a job that its description does not. */
export interface WireScope {
  /** The job's own, which opens the repository and artifacts to it. */
  readonly token: string;
  readonly project: { readonly id: number; readonly name: string };
  readonly git: {
    /** With the job's credentials in it, as official runners take them. */
    readonly url: string;
    readonly beforeSha: string;
    /** Of the pipeline's ref and the branch or tag; `sha` must be within reach of them. */
    readonly refspecs: readonly string[];
    /** How many commits to fetch; 0: all. */
    readonly depth: number;
    readonly isProtected: boolean;
    /** Keep the working copy from job to job, where the runner can. */
    readonly fetch: boolean;
  };
  /** The caches' final keys, in the order of the job's caches (see finalCacheKey). */
  readonly cacheKeys: readonly { readonly key: string; readonly fallbackKeys: readonly string[] }[];
  /** Where its files are that other jobs share; null: it shares none. */
  readonly place: number | null;
  /** The archive of a job it fetches from. */
  readonly archive: (jobId: number) => { readonly fileName: string; readonly bytes: number };
}

/** Writes a job as GitLab's runner protocol does, with final cache keys. Throws a RangeError when a cache has no key. */
export function toWire(spec: JobSpec, scope: WireScope): WireJob {
  const { token, project, git } = scope;
  const { command, sharedWorkspace, volumes } = spec;
  const own = {
    ...(command === undefined ? {} : { command: wireCommand(command) }),
    ...(sharedWorkspace === undefined ? {} : { shared_workspace: { ...sharedWorkspace } }),
    ...(volumes === undefined ? {} : { volumes: volumes.map((volume) => ({ ...volume })) }),
    ...(scope.place === null ? {} : { place: scope.place }),
  };
  return {
    id: spec.id,
    token,
    allow_git_fetch: git.fetch,
    job_info: {
      id: spec.id,
      name: spec.name,
      stage: spec.stage,
      pipeline_id: spec.pipelineId,
      project_id: project.id,
      project_name: project.name,
      project_full_path: spec.projectPath,
    },
    git_info: {
      repo_url: git.url,
      ref: spec.git.ref,
      sha: spec.git.sha,
      before_sha: git.beforeSha,
      ref_type: spec.git.refKind,
      refspecs: [...git.refspecs],
      depth: git.depth,
      protected: git.isProtected,
    },
    runner_info: { timeout: spec.timeoutSeconds },
    variables: spec.variables.map(wireVariable),
    steps: stepsOf(spec),
    hooks:
      spec.preGetSourcesScript.length === 0
        ? []
        : [{ name: 'pre_get_sources_script', script: [...spec.preGetSourcesScript] }],
    image: spec.image === null ? null : wireImage(spec.image),
    services: spec.services.map(wireService),
    artifacts: spec.artifacts.map(wireArtifact),
    cache: spec.caches.map((cache, index) => wireCache(cache, scope.cacheKeys[index])),
    credentials: [],
    dependencies: spec.dependencies.map(({ id, name }) => {
      const { fileName, bytes } = scope.archive(id);
      return { id, token, name, artifacts_file: { filename: fileName, size: bytes } };
    }),
    features: { trace_sections: true, failure_reasons: [...FAILURE_REASONS, RUNNER_INTERRUPTED] },
    ...(Object.keys(own).length === 0 ? {} : { slipway: own }),
  };
}

/**
 * The runner's word for a job that it cannot finish because its machine is going away. Not one of the reasons for which a
 * job has failed: it is given out again.
 */
export const RUNNER_INTERRUPTED = 'runner_interrupted';

/** Nulls are not told apart from what is missing, as everywhere in this protocol. */
function wireCommand({ program, arguments: words }: ImageCommand) {
  return {
    ...(program === null ? {} : { program }),
    ...(words === null ? {} : { arguments: [...words] }),
  };
}

function stepsOf({ script, afterScript, timeoutSeconds: timeout }: JobSpec): WireStep[] {
  const steps: WireStep[] = [
    { name: 'script', script: [...script], timeout, when: 'on_success', allow_failure: false },
  ];
  if (afterScript.length > 0)
    steps.push({
      name: 'after_script',
      script: [...afterScript],
      timeout,
      when: 'always',
      allow_failure: true,
    });
  return steps;
}

function wireVariable({ key, value, file, masked, raw }: JobVariable): WireVariable {
  return { key, value, public: !masked, file, masked, raw };
}

function wireImage({ name, entrypoint, pullPolicy, platform, user }: JobImage): WireImage {
  const docker = { ...(platform === null ? {} : { platform }), ...(user === null ? {} : { user }) };
  return {
    name,
    entrypoint: copy(entrypoint),
    pull_policy: [...pullPolicy],
    ...(Object.keys(docker).length === 0 ? {} : { executor_opts: { docker } }),
  };
}

function wireService(service: JobService): WireService {
  return {
    ...wireImage(service),
    alias: service.aliases.join(','),
    command: copy(service.command),
    variables: service.variables.map(wireVariable),
  };
}

function wireArtifact(artifact: JobArtifact): WireArtifact {
  const { type, name, paths, exclude, untracked, when, expireIn } = artifact;
  return {
    ...(name === null ? {} : { name }),
    paths: [...paths],
    exclude: [...exclude],
    untracked,
    when,
    artifact_type: type,
    artifact_format: artifactFormat(type),
    ...(expireIn === null ? {} : { expire_in: expireIn }),
  };
}

function wireCache(cache: JobCache, final: WireScope['cacheKeys'][number] | undefined): WireCache {
  if (final === undefined) throw new RangeError('A cache without a final key');
  const { paths, untracked, policy, when } = cache;
  return {
    key: final.key,
    fallback_keys: [...final.fallbackKeys],
    paths: [...paths],
    untracked,
    policy,
    when,
  };
}

function copy(list: readonly string[] | null): string[] | null {
  return list === null ? null : [...list];
}
