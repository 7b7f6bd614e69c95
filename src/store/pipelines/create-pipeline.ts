import type { Plan } from '../../pipeline/index.ts';
import {
  type BuildJob,
  type Command,
  isCompleted,
  type JobState,
  jobStates,
  type PipelineState,
  type PipelineStatus,
  pipelineStatus,
} from '../../pipeline/index.ts';
import { takePipelineNumber } from '../projects/projects.ts';
import type { Db } from '../store.ts';
import { timesOf } from './job-times.ts';
import { type LaneContent, lanesFor } from './lanes.ts';
import { columnsOf } from './load-state.ts';
import { PLAN_FORMAT, packPlan } from './plan-bytes.ts';

/** What a pipeline is, beside its plan. */
export interface NewPipeline {
  readonly projectId: number;
  readonly plan: Plan;
  /** Its number in the project, when that was taken before (`takePipelineNumber`); absent: the next one. */
  readonly iid?: number;
  /** `push`, `schedule`, `api`, … : the words of CI_PIPELINE_SOURCE. */
  readonly source: string;
  readonly ref: string;
  readonly tag: boolean;
  readonly protected: boolean;
  readonly sha: string;
  readonly beforeSha?: string | null;
  readonly title?: string | null;
  readonly author?: string | null;
  /** The attempt of a trigger job that starts it: an attempt has one pipeline at most, and a second one is an error. */
  readonly parentJobId?: number | null;
  readonly scheduleId?: number | null;
  readonly mergeRequest?: string | null;
  /** Anything else that whoever makes the pipeline wants to find again: variables, inputs. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** What a runner must have for the job; without it the plan's tags, as they are written. */
  readonly requires?: (job: BuildJob) => {
    readonly tags: readonly string[];
    readonly features: readonly string[];
  };
}

export interface CreatedPipeline {
  readonly id: number;
  /** Counts within its project. */
  readonly iid: number;
  readonly commands: readonly Command[];
}

/** Writes a pipeline that is in its first attempts, with all its jobs. Answers with its ids. */
export async function insertPipeline(
  db: Db,
  pipeline: NewPipeline,
  packedPlan: Uint8Array,
  state: PipelineState,
  written: { readonly stamp: number; readonly now: number; readonly maxParameters: number },
): Promise<{ readonly id: number; readonly iid: number }> {
  const iid = pipeline.iid ?? (await nextNumber(db, pipeline.projectId));
  const status = pipelineStatus(state);
  const id = await insertRow(db, { ...pipeline, iid }, { ...written, status, started: state.started });
  await db.insertInto('plans').values({ pipeline_id: id, format: PLAN_FORMAT, body: packedPlan }).execute();
  await insertJobs(db, pipeline, id, state, written);
  return { id, iid };
}

/** A pipeline that could not be made: without jobs, failed from the beginning. `context` says why. */
export async function insertFailedPipeline(
  db: Db,
  pipeline: Omit<NewPipeline, 'plan' | 'requires'>,
  written: { readonly stamp: number; readonly now: number },
): Promise<{ readonly id: number; readonly iid: number }> {
  const iid = pipeline.iid ?? (await nextNumber(db, pipeline.projectId));
  const row = { ...pipeline, iid, plan: NO_JOBS };
  const id = await insertRow(db, row, { ...written, status: 'failed', started: true });
  await db
    .insertInto('plans')
    .values({ pipeline_id: id, format: PLAN_FORMAT, body: packPlan(NO_JOBS) })
    .execute();
  return { id, iid };
}

const NO_JOBS: Plan = {
  version: 1,
  name: null,
  stages: [],
  jobs: [],
  variables: {},
  autoCancel: { onNewCommit: 'conservative', onJobFailure: 'none' },
};

async function nextNumber(db: Db, projectId: number): Promise<number> {
  const iid = await takePipelineNumber(db, projectId);
  if (iid === null) throw new Error(`No project ${projectId}`);
  return iid;
}

async function insertRow(
  db: Db,
  pipeline: Omit<NewPipeline, 'requires'> & { readonly iid: number },
  {
    stamp,
    now,
    status,
    started,
  }: {
    readonly stamp: number;
    readonly now: number;
    readonly status: PipelineStatus;
    readonly started: boolean;
  },
): Promise<number> {
  const { id } = await db
    .insertInto('pipelines')
    .values({
      project_id: pipeline.projectId,
      iid: pipeline.iid,
      status,
      started: started ? 1 : 0,
      version: 1,
      stamp,
      source: pipeline.source,
      ref: pipeline.ref,
      tag: pipeline.tag ? 1 : 0,
      protected: pipeline.protected ? 1 : 0,
      sha: pipeline.sha,
      before_sha: pipeline.beforeSha ?? null,
      name: pipeline.plan.name,
      title: pipeline.title ?? null,
      author: pipeline.author ?? null,
      parent_job_id: pipeline.parentJobId ?? null,
      root_id: await rootOf(db, pipeline.parentJobId ?? null),
      schedule_id: pipeline.scheduleId ?? null,
      merge_request: pipeline.mergeRequest ?? null,
      context: JSON.stringify(pipeline.context ?? {}),
      created_at: now,
      started_at: null,
      finished_at: isCompleted(status) ? now : null,
      updated_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

async function rootOf(db: Db, parentJobId: number | null): Promise<number | null> {
  if (parentJobId === null) return null;
  const parent = await db
    .selectFrom('jobs')
    .innerJoin('pipelines', 'pipelines.id', 'jobs.pipeline_id')
    .select(['pipelines.id', 'pipelines.root_id'])
    .where('jobs.id', '=', parentJobId)
    .executeTakeFirst();
  return parent === undefined ? null : (parent.root_id ?? parent.id);
}

async function insertJobs(
  db: Db,
  pipeline: NewPipeline,
  pipelineId: number,
  state: PipelineState,
  { now, maxParameters }: { readonly now: number; readonly maxParameters: number },
): Promise<void> {
  const lanes = await lanesOfJobs(db, pipeline);
  const rows = Array.from(jobStates(state), ([name, job], position) => ({
    pipeline_id: pipelineId,
    project_id: pipeline.projectId,
    position,
    latest: 1,
    lane_id: lanes[position] ?? null,
    kind: pipeline.plan.jobs[position]?.kind ?? 'build',
    name,
    stage: pipeline.plan.jobs[position]?.stage ?? '',
    shared_ref: pipeline.source === 'parent_pipeline' ? null : pipeline.ref,
    created_at: now,
    ...columnsOf(job),
    ...firstTimes(job, now),
  }));
  const columns = Object.keys(rows[0] ?? {}).length;
  const perStatement = Math.max(1, Math.floor(maxParameters / Math.max(columns, 1)));
  for (let from = 0; from < rows.length; from += perStatement) {
    await db
      .insertInto('jobs')
      .values(rows.slice(from, from + perStatement))
      .execute();
  }
}

/** Every row has the same columns. */
function firstTimes({ status }: JobState, now: number) {
  return { queued_at: null, finished_at: null, ...timesOf(status, now) };
}

/** The lane of each job of the plan, in its order; a bridge has none. */
async function lanesOfJobs(db: Db, pipeline: NewPipeline): Promise<readonly (number | null)[]> {
  const requires = pipeline.requires ?? ((job: BuildJob) => ({ tags: job.tags, features: [] }));
  const wanted = new Map<string, LaneContent>();
  const keys = pipeline.plan.jobs.map((job) => {
    if (job.kind !== 'build') return null;
    const content = { ...requires(job), protected: pipeline.protected };
    const key = JSON.stringify(content);
    wanted.set(key, content);
    return key;
  });
  const ids = await lanesFor(db, pipeline.projectId, [...wanted.values()]);
  const byKey = new Map([...wanted.keys()].map((key, index) => [key, ids[index] ?? null]));
  return keys.map((key) => (key === null ? null : (byKey.get(key) ?? null)));
}
