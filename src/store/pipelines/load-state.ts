import { fromJson, type JobStateJson, type PipelineState, type Plan } from '../../pipeline/index.ts';
import type { Db } from '../store.ts';
import { unpackPlan } from './plan-bytes.ts';

/** The columns of a job in which its state stands. Null when the job has never been in a state other than at first. */
export interface JobStateColumns {
  readonly status: string;
  readonly attempt: number;
  readonly allow_failure: number;
  readonly failure_reason: string | null;
  readonly exit_code: number | null;
  readonly immediate: number;
  readonly has_downstream: number;
  readonly variables: string | null;
}

/**
 * A pipeline's state, from the rows of its jobs' latest attempts. Throws an AppError `pipeline-state-unreadable` when
 * they do not fit the plan.
 */
export async function loadState(
  db: Db,
  pipelineId: number,
  started: boolean,
  known: Plan | null,
): Promise<PipelineState> {
  const plan = known ?? (await loadPlan(db, pipelineId));
  const rows = await db
    .selectFrom('jobs')
    .select([
      'name',
      'status',
      'attempt',
      'allow_failure',
      'failure_reason',
      'exit_code',
      'immediate',
      'has_downstream',
      'variables',
    ])
    .where('pipeline_id', '=', pipelineId)
    .where('latest', '=', 1)
    .orderBy('position')
    .execute();
  return fromJson(plan, { version: 1, started, jobs: rows.map((row) => jsonOf(row.name, row)) });
}

/** Throws an Error when there is none. */
export async function loadPlan(db: Db, pipelineId: number): Promise<Plan> {
  const plan = await findPlan(db, pipelineId);
  if (plan === null) throw new Error(`Pipeline ${pipelineId} has no plan`);
  return plan;
}

export async function findPlan(db: Db, pipelineId: number): Promise<Plan | null> {
  const row = await db
    .selectFrom('plans')
    .select(['format', 'body'])
    .where('pipeline_id', '=', pipelineId)
    .executeTakeFirst();
  return row === undefined ? null : unpackPlan(row.format, row.body);
}

/** `fromJson` checks it: what it does not know, it refuses. */
function jsonOf(name: string, row: JobStateColumns): Record<keyof JobStateJson, unknown> {
  return {
    name,
    status: row.status,
    attempt: row.attempt,
    allowedToFail: row.allow_failure === 1,
    failure: row.failure_reason === null ? null : { reason: row.failure_reason, exitCode: row.exit_code },
    immediate: row.immediate === 1,
    hasDownstream: row.has_downstream === 1,
    variables: row.variables === null ? {} : JSON.parse(row.variables),
  };
}

/** The other direction: what is written of a job's state. */
export function columnsOf(job: Omit<JobStateJson, 'name'>): JobStateColumns {
  const given = Object.keys(job.variables).length > 0;
  return {
    status: job.status,
    attempt: job.attempt,
    allow_failure: job.allowedToFail ? 1 : 0,
    failure_reason: job.failure?.reason ?? null,
    exit_code: job.failure?.exitCode ?? null,
    immediate: job.immediate ? 1 : 0,
    has_downstream: job.hasDownstream ? 1 : 0,
    variables: given ? JSON.stringify(job.variables) : null,
  };
}
