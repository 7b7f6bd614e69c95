import type { Clock } from '../../base/clock.ts';
import { together } from '../../base/together.ts';
import { jobVariables, type PipelineContext } from '../../config/index.ts';
import { type Refusal, refused } from '../../downstream/index.ts';
import { type BuildJob, createFetchedJobs, type Job, type Plan } from '../../pipeline/index.ts';
import { buildSpec, type JobVariable, scriptOf, toWire, type WireJob } from '../../protocol/index.ts';
import {
  type Db,
  type JobRow,
  jobsByIds,
  type PipelineRow,
  type PipelineStore,
  type Project,
  pipelineById,
  projectById,
  type Runner,
  type Store,
  type StoredVariable,
  variablesFor,
} from '../../store/index.ts';
import { type Commits, pipelineRefName } from '../git/index.ts';
import { type CacheKeys, finalKeys } from './cache-keys.ts';
import type { CommitKeeper } from './commit-keeper.ts';
import { keptBy } from './kept-outputs.ts';
import { isNeededOutside, outsideOutputs } from './outside-outputs.ts';
import { projectVariables } from './project-variables.ts';
import { secretVariables } from './secret-variables.ts';
import { contextOf } from './stored-context.ts';

/** A job as its runner gets it, or why nobody can run it. */
export type DescribedJob = { readonly kind: 'described'; readonly job: WireJob } | Refusal;

export interface JobDescriber {
  /** A job that has just been given to a runner. `token`: the job's own. */
  describe(jobId: number, token: string, runner: Runner): Promise<DescribedJob>;
  /** Whether a job names this one, of another project, in its `needs`: it may fetch what that has left. */
  needsFromOutside(jobId: number, other: JobRow): Promise<boolean>;
}

export interface JobDescriberParts {
  readonly store: Store;
  readonly pipelines: PipelineStore;
  readonly clock: Clock;
  readonly server: PipelineContext['server'];
  readonly commits: Commits;
  readonly keeper: CommitKeeper;
  readonly cacheKeys: CacheKeys;
}

export function createJobDescriber(parts: JobDescriberParts): JobDescriber {
  const { store, pipelines, clock, server } = parts;
  /** A plan is asked once who fetches from whom. */
  const fetched = new WeakMap<Plan, (job: Job) => readonly string[]>();

  function fetchedBy(plan: Plan, job: Job): readonly string[] {
    let find = fetched.get(plan);
    if (find === undefined) {
      find = createFetchedJobs(plan);
      fetched.set(plan, find);
    }
    return find(job);
  }

  const partsOf = together(
    (jobIds: readonly number[]) => store.read((db) => readParts(db, jobIds)),
    MOST_AT_ONCE,
  );

  async function describe(jobId: number, token: string, runner: Runner): Promise<DescribedJob> {
    const found = await partsOf(jobId, null);
    if (found === null) return refused('data_integrity_failure', 'The job is gone.');
    const { row, pipeline, project } = found;
    const graph = await pipelines.graph(pipeline.id);
    const job = graph?.plan.jobs[row.position];
    if (graph === null || job === undefined || job.kind !== 'build') {
      return refused('data_integrity_failure', 'The job is not in the plan of its pipeline.');
    }
    const { plan } = graph;
    const script = scriptOf(job);
    if (script.kind === 'refused') return refused('runner_unsupported', script.reason);
    const context = contextFor(found, job);
    const secrets = secretVariables(job, context.projectVariables);
    if (secrets.kind === 'missing') return refused('runner_system_failure', secrets.message);
    const [inside, outside, specs] = await Promise.all([
      store.read((db) => keptBy(db, { graph, pipeline, now: clock.now() }, fetchedBy(plan, job))),
      outsideOutputs({ store, pipelines, now: () => clock.now() }, { job, plan, pipeline, context }),
      refspecs(parts, pipeline),
    ]);
    if (inside.kind === 'refused') return inside;
    if (outside.kind === 'refused') return outside;
    const kept = {
      archives: [...inside.archives, ...outside.archives],
      dotenv: [...inside.dotenv, ...outside.dotenv],
    };
    const timeoutSeconds = timeoutOf(job, project, runner);
    const runtime = {
      jobId,
      pipelineId: pipeline.id,
      token,
      startedAt: new Date(row.started_at ?? clock.now()),
      timeoutSeconds,
      dotenv: kept.dotenv,
    };
    const spec = buildSpec(
      { ...job, timeoutSeconds },
      {
        jobId,
        pipelineId: pipeline.id,
        projectPath: project.path,
        git: { sha: pipeline.sha, ref: pipeline.ref, refKind: pipeline.tag === 1 ? 'tag' : 'branch' },
        variables: [
          ...runnerVariables(runner),
          ...jobVariables(plan, job, context, runtime),
          ...playedVariables(row),
          ...secrets.variables,
        ],
        dependencies: kept.archives.map(({ dependency }) => dependency),
        defaultImage: null,
        script: script.lines,
      },
    );
    const url = new URL(`${server.url}/${project.path}.git`);
    url.username = 'gitlab-ci-token';
    url.password = token;
    const archives = new Map(kept.archives.map(({ dependency, archive }) => [dependency.id, archive]));
    return {
      kind: 'described',
      job: toWire(spec, {
        token,
        project: { id: project.id, name: project.name },
        git: {
          url: url.href,
          beforeSha: context.commit.beforeSha,
          refspecs: specs,
          depth: project.settings.gitDepth,
          isProtected: pipeline.protected === 1,
          fetch: true,
        },
        cacheKeys: await finalKeys(parts.cacheKeys, job.caches, {
          projectId: project.id,
          sha: pipeline.sha,
          isProtected: pipeline.protected === 1,
        }),
        place: row.place_id,
        archive: (id) => {
          const archive = archives.get(id);
          return { fileName: archive?.name ?? 'artifacts.zip', bytes: archive?.size ?? 0 };
        },
      }),
    };
  }

  function contextFor({ pipeline, stored }: JobParts, job: BuildJob): PipelineContext {
    const scope = { isProtected: pipeline.protected === 1, environment: job.environment?.name ?? null };
    return contextOf(pipeline, { server, projectVariables: projectVariables(stored, scope) });
  }

  async function needsFromOutside(jobId: number, other: JobRow): Promise<boolean> {
    const found = await partsOf(jobId, null);
    if (found === null) return false;
    const { row, pipeline } = found;
    const plan = (await pipelines.graph(pipeline.id))?.plan;
    const job = plan?.jobs[row.position];
    if (plan === undefined || job?.kind !== 'build') return false;
    return isNeededOutside({ store }, { job, plan, pipeline, context: contextFor(found, job) }, other);
  }

  return { describe, needsFromOutside };
}

interface JobParts {
  readonly row: JobRow;
  readonly pipeline: PipelineRow;
  readonly project: Project;
  readonly stored: readonly StoredVariable[];
}

/** In the order of the ids: of several jobs of one pipeline that is read once. Null: the job is gone. */
async function readParts(db: Db, jobIds: readonly number[]): Promise<readonly (JobParts | null)[]> {
  const rows = await jobsByIds(db, jobIds);
  const found = [...rows.values()];
  const pipelines = await readEach(
    found.map(({ pipeline_id: id }) => id),
    (id) => pipelineById(db, id),
  );
  const projects = await readEach(
    found.map(({ project_id: id }) => id),
    async (id) => {
      const project = await projectById(db, id);
      return project === null ? null : { project, stored: await variablesFor(db, id) };
    },
  );
  return jobIds.map((id) => {
    const row = rows.get(id);
    const pipeline = row === undefined ? null : pipelines.get(row.pipeline_id);
    const project = row === undefined ? null : projects.get(row.project_id);
    return row === undefined || !pipeline || !project ? null : { row, pipeline, ...project };
  });
}

async function readEach<T>(
  ids: readonly number[],
  read: (id: number) => Promise<T>,
): Promise<ReadonlyMap<number, T>> {
  const found = new Map<number, T>();
  for (const id of new Set(ids)) found.set(id, await read(id));
  return found;
}

const MOST_AT_ONCE = 64;

function playedVariables({ variables }: JobRow): readonly JobVariable[] {
  const played: Record<string, string> = variables === null ? {} : JSON.parse(variables);
  return Object.entries(played).map(([key, value]) => ({
    key,
    value,
    file: false,
    masked: false,
    raw: true,
  }));
}

function runnerVariables({ id, description, tags }: Runner): readonly JobVariable[] {
  const values = {
    CI_RUNNER_ID: String(id),
    CI_RUNNER_DESCRIPTION: description,
    CI_RUNNER_TAGS: JSON.stringify(tags),
  };
  return Object.entries(values).map(([key, value]) => ({
    key,
    value,
    file: false,
    masked: false,
    raw: true,
  }));
}

function timeoutOf(job: BuildJob, project: Project, runner: Runner): number {
  const wanted = job.timeoutSeconds ?? project.settings.timeoutSeconds;
  return Math.min(wanted, runner.maximumTimeoutSeconds ?? wanted);
}

/** The commit by the ref that the pipeline keeps; then the branch or tag, unless it is gone: git would fetch nothing. */
async function refspecs(
  { commits, keeper }: Pick<JobDescriberParts, 'commits' | 'keeper'>,
  pipeline: PipelineRow,
): Promise<readonly string[]> {
  const [from, to] = refOf(pipeline);
  const [current] = await Promise.all([commits.resolve(pipeline.project_id, from), keeper.keep(pipeline)]);
  const kept = pipelineRefName(pipeline.iid);
  return [`+${kept}:${kept}`, ...(current === null ? [] : [`+${from}:${to}`])];
}

/** The ref of a pipeline here, and where a runner puts it. */
function refOf({ ref, tag, merge_request: mergeRequest }: PipelineRow): readonly [from: string, to: string] {
  if (mergeRequest !== null) return [ref, ref];
  return tag === 1
    ? [`refs/tags/${ref}`, `refs/tags/${ref}`]
    : [`refs/heads/${ref}`, `refs/remotes/origin/${ref}`];
}
