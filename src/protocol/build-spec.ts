import type { BuildJob, Cache, Image, Service, Variables } from '../pipeline/index.ts';
import type {
  JobArtifact,
  JobCache,
  JobDependency,
  JobImage,
  JobService,
  JobSpec,
  JobVariable,
} from './job-spec.ts';

/** What a job's description needs besides the job. */
export interface SpecScope {
  readonly jobId: number;
  readonly pipelineId: number;
  readonly projectPath: string;
  readonly git: JobSpec['git'];
  /** Low to high precedence. */
  readonly variables: readonly JobVariable[];
  readonly dependencies: readonly JobDependency[];
  readonly defaultImage: string | null;
  /** The job's own lines, without before_script. */
  readonly script: readonly string[];
}

/** Describes a job of the plan as a runner wants it. */
export function buildSpec(job: BuildJob, scope: SpecScope): JobSpec {
  return {
    id: scope.jobId,
    name: job.name,
    stage: job.stage,
    pipelineId: scope.pipelineId,
    projectPath: scope.projectPath,
    git: scope.git,
    variables: scope.variables,
    preGetSourcesScript: job.preGetSourcesScript ?? [],
    script: [...(job.beforeScript ?? []), ...scope.script],
    afterScript: job.afterScript ?? [],
    image: imageOf(job, scope.defaultImage),
    services: job.services.map(serviceSpec),
    caches: job.caches.map(cacheSpec),
    artifacts: artifactSpecs(job),
    dependencies: scope.dependencies,
    timeoutSeconds: job.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
    coverage: job.coverage,
    environment: job.environment === null ? null : { name: job.environment.name, url: job.environment.url },
    ...(job.command === undefined ? {} : { command: job.command }),
    ...(job.sharedWorkspace === undefined ? {} : { sharedWorkspace: job.sharedWorkspace }),
    ...(job.volumes === undefined ? {} : { volumes: job.volumes }),
  };
}

/** GitLab's default for a project. */
export const DEFAULT_TIMEOUT_SECONDS = 3600;

function imageOf(job: BuildJob, defaultImage: string | null): JobImage | null {
  if (job.image !== null) return imageSpec(job.image);
  if (defaultImage === null) return null;
  return { name: defaultImage, entrypoint: null, pullPolicy: [], platform: null, user: null };
}

function imageSpec(image: Image): JobImage {
  const { name, entrypoint, pullPolicy, platform, user } = image;
  return { name, entrypoint, pullPolicy, platform, user };
}

function serviceSpec(service: Service): JobService {
  return {
    ...imageSpec(service),
    aliases: service.aliases,
    command: service.command,
    variables: plainVariables(service.variables),
  };
}

/**
 * The key has none of the suffixes that a server adds to keep protected and other branches apart: on one person's
 * machine there is nobody to keep apart.
 */
function cacheSpec(cache: Cache): JobCache {
  const { paths, untracked, policy, when, fallbackKeys, key } = cache;
  return {
    key:
      key.kind === 'text'
        ? key
        : // By the files' content in both cases: uncommitted changes have no commit to go by.
          { kind: 'files', files: key.files, prefix: key.prefix },
    paths,
    untracked,
    policy,
    when,
    fallbackKeys,
  };
}

/** One archive for `paths` and `untracked`; one entry for each type of report, which is kept whatever happens. */
function artifactSpecs(job: BuildJob): readonly JobArtifact[] {
  const { artifacts } = job;
  if (artifacts === null) return [];
  const reports = Object.entries(artifacts.reports).map(
    ([type, paths]): JobArtifact => ({
      type,
      name: null,
      paths,
      exclude: [],
      untracked: false,
      when: 'always',
      expireIn: artifacts.expireIn,
    }),
  );
  if (artifacts.paths.length === 0 && !artifacts.untracked) return reports;
  const { name, paths, exclude, untracked, when, expireIn } = artifacts;
  return [{ type: 'archive', name, paths, exclude, untracked, when, expireIn }, ...reports];
}

function plainVariables(variables: Variables): readonly JobVariable[] {
  return Object.entries(variables).map(([key, variable]) => ({
    key,
    value: variable.value,
    file: false,
    masked: false,
    raw: !variable.expand,
  }));
}
