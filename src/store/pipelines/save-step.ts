import { type ChangedJob, type Command, changedJobs, type PipelineState } from '../../pipeline/index.ts';
import type { Db } from '../store.ts';
import { attemptKey, type JobTimes, type ToldAttempt, toldAttempts } from './job-times.ts';
import { columnsOf, type JobStateColumns } from './load-state.ts';

/** A step of a pipeline that is to be written: the state before and after, and all commands in between. */
export interface StepToSave {
  readonly pipelineId: number;
  readonly before: PipelineState;
  readonly after: PipelineState;
  readonly commands: readonly Command[];
  readonly now: number;
}

/** Writes the jobs that a step has changed, and no others: jobs that changed alike by one statement. */
export async function saveJobs(db: Db, step: StepToSave): Promise<void> {
  const told = toldAttempts(step.commands, step.now);
  const alike = new Map<string, { readonly columns: ChangedColumns; readonly positions: number[] }>();
  for (const changed of changedJobs(step.before, step.after)) {
    const columns = changedColumns(changed, told, nameAt(step.after, changed.index));
    if (columns === null) continue;
    if (changed.after.attempt !== changed.before.attempt) {
      await saveAttempts(db, step, changed, told);
      continue;
    }
    const key = JSON.stringify(columns);
    const group = alike.get(key);
    if (group === undefined) alike.set(key, { columns, positions: [changed.index] });
    else group.positions.push(changed.index);
  }
  for (const { columns, positions } of alike.values()) await update(db, step.pipelineId, columns, positions);
}

type ChangedColumns = JobStateColumns & JobTimes;

/** Null when what is kept of the job is as before: only its count of needs has changed. */
function changedColumns(
  { before, after }: ChangedJob,
  told: ReadonlyMap<string, ToldAttempt>,
  name: string,
): ChangedColumns | null {
  const columns = columnsOf(after);
  const times = told.get(attemptKey(name, after.attempt))?.times ?? {};
  if (Object.keys(times).length === 0 && JSON.stringify(columns) === JSON.stringify(columnsOf(before)))
    return null;
  return { ...columns, ...times };
}

async function update(
  db: Db,
  pipelineId: number,
  columns: ChangedColumns,
  positions: readonly number[],
): Promise<void> {
  for (let from = 0; from < positions.length; from += POSITIONS_AT_ONCE) {
    await db
      .updateTable('jobs')
      .set(columns)
      .where('pipeline_id', '=', pipelineId)
      .where('position', 'in', positions.slice(from, from + POSITIONS_AT_ONCE))
      .where('latest', '=', 1)
      .execute();
  }
}

const POSITIONS_AT_ONCE = 1000;

/** The attempt that ended, and those that followed it within the step: each has a row of its own, for good. */
async function saveAttempts(
  db: Db,
  { pipelineId, after: state, now }: StepToSave,
  { index, before, after }: ChangedJob,
  told: ReadonlyMap<string, ToldAttempt>,
): Promise<void> {
  const name = nameAt(state, index);
  for (let attempt = before.attempt; attempt <= after.attempt; attempt += 1) {
    const latest = attempt === after.attempt ? 1 : 0;
    if (attempt > before.attempt) await addAttempt(db, pipelineId, index, attempt, now);
    const one = told.get(attemptKey(name, attempt));
    const columns = latest === 1 ? columnsOf(after) : one === undefined ? {} : endOf(one);
    await db
      .updateTable('jobs')
      .set({ ...columns, ...one?.times, latest })
      .where('pipeline_id', '=', pipelineId)
      .where('position', '=', index)
      .where('attempt', '=', attempt)
      .execute();
  }
}

function endOf({ last }: ToldAttempt): Partial<JobStateColumns> {
  return {
    status: last.to,
    allow_failure: last.allowedToFail ? 1 : 0,
    failure_reason: last.failure?.reason ?? null,
    exit_code: last.failure?.exitCode ?? null,
  };
}

/** A row like that of the first attempt, which has not been anywhere yet. */
async function addAttempt(
  db: Db,
  pipelineId: number,
  position: number,
  attempt: number,
  now: number,
): Promise<void> {
  const { id: _id, ...first } = await db
    .selectFrom('jobs')
    .select([
      ...(['id', 'pipeline_id', 'project_id', 'position', 'lane_id'] as const),
      ...(['place_id', 'kind', 'name', 'stage', 'shared_ref'] as const),
    ])
    .where('pipeline_id', '=', pipelineId)
    .where('position', '=', position)
    .where('attempt', '=', 1)
    .executeTakeFirstOrThrow();
  await db
    .insertInto('jobs')
    .values({
      ...first,
      attempt,
      latest: 0,
      status: 'created',
      allow_failure: 0,
      immediate: 0,
      has_downstream: 0,
      created_at: now,
    })
    .execute();
}

function nameAt(state: PipelineState, index: number): string {
  const job = state.graph.plan.jobs[index];
  if (job === undefined) throw new RangeError(`No job ${index} in the plan`);
  return job.name;
}
