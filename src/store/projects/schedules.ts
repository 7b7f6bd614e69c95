import type { SchedulesTable } from '../schema/tables.ts';
import type { Db } from '../store.ts';

/** When a pipeline of a ref is to be made again and again. */
export interface Schedule {
  readonly id: number;
  readonly projectId: number;
  readonly description: string;
  /** The full name: `refs/heads/…` or `refs/tags/…`. */
  readonly ref: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly active: boolean;
  readonly variables: readonly ScheduleVariable[];
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The login of whoever its pipelines are made for; null: nobody took it. */
  readonly owner: string | null;
  readonly nextRunAt: number | null;
  readonly lastPipelineId: number | null;
  /** Why there was no pipeline the last time, or why it is not active any more; null: nothing is wrong. */
  readonly problem: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface ScheduleVariable {
  readonly key: string;
  readonly value: string;
  readonly variableType: 'env_var' | 'file';
  readonly raw: boolean;
}

export type NewSchedule = Omit<Schedule, 'id' | 'lastPipelineId' | 'problem' | 'createdAt' | 'updatedAt'> & {
  readonly now: number;
};

export async function createSchedule(db: Db, schedule: NewSchedule): Promise<Schedule> {
  const row = await db
    .insertInto('schedules')
    .values({
      project_id: schedule.projectId,
      description: schedule.description,
      ref: schedule.ref,
      cron: schedule.cron,
      time_zone: schedule.timeZone,
      active: schedule.active ? 1 : 0,
      variables: JSON.stringify(schedule.variables),
      inputs: JSON.stringify(schedule.inputs),
      owner: schedule.owner,
      next_run_at: schedule.nextRunAt,
      created_at: schedule.now,
      updated_at: schedule.now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return scheduleOf(row);
}

export async function scheduleById(db: Db, id: number): Promise<Schedule | null> {
  const row = await db.selectFrom('schedules').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : scheduleOf(row);
}

/** In the order they were made. */
export async function listSchedules(
  db: Db,
  projectId: number,
  { active }: { readonly active?: boolean } = {},
): Promise<readonly Schedule[]> {
  let query = db.selectFrom('schedules').selectAll().where('project_id', '=', projectId).orderBy('id');
  if (active !== undefined) query = query.where('active', '=', active ? 1 : 0);
  return (await query.execute()).map(scheduleOf);
}

export async function countSchedules(db: Db, projectId: number): Promise<number> {
  const { count } = await db
    .selectFrom('schedules')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('project_id', '=', projectId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

export type ScheduleChanges = Partial<
  Pick<
    Schedule,
    | 'description'
    | 'ref'
    | 'cron'
    | 'timeZone'
    | 'active'
    | 'variables'
    | 'inputs'
    | 'owner'
    | 'nextRunAt'
    | 'problem'
  >
>;

/** Null: no such schedule. */
export async function updateSchedule(
  db: Db,
  id: number,
  changes: ScheduleChanges,
  now: number,
): Promise<Schedule | null> {
  const { active, variables, inputs, timeZone, nextRunAt, ...same } = changes;
  const row = await db
    .updateTable('schedules')
    .set({
      ...same,
      ...(timeZone === undefined ? {} : { time_zone: timeZone }),
      ...(nextRunAt === undefined ? {} : { next_run_at: nextRunAt }),
      ...(active === undefined ? {} : { active: active ? 1 : 0 }),
      ...(variables === undefined ? {} : { variables: JSON.stringify(variables) }),
      ...(inputs === undefined ? {} : { inputs: JSON.stringify(inputs) }),
      updated_at: now,
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? null : scheduleOf(row);
}

/** False: there is none. */
export async function removeSchedule(db: Db, id: number): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('schedules').where('id', '=', id).executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Active ones whose moment has come, the longest due first. */
export async function dueSchedules(db: Db, now: number, limit: number): Promise<readonly Schedule[]> {
  const rows = await db
    .selectFrom('schedules')
    .selectAll()
    .where('active', '=', 1)
    .where('next_run_at', '<=', now)
    .orderBy('next_run_at')
    .limit(limit)
    .execute();
  return rows.map(scheduleOf);
}

/** Moves a schedule from the moment that has come to its next one. False: somebody else has, and makes the pipeline. */
export async function passSchedule(
  db: Db,
  { id, from, to }: { readonly id: number; readonly from: number; readonly to: number | null },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('schedules')
    .set({ next_run_at: to })
    .where('id', '=', id)
    .where('active', '=', 1)
    .where('next_run_at', '=', from)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/**
 * Notes what came of an order for a pipeline; orders have rising numbers. False: that was noted before, so the pipeline
 * that is being written in the same transaction would be a second one.
 */
export async function noteScheduleRun(
  db: Db,
  run: {
    readonly id: number;
    readonly order: number;
    readonly pipelineId: number | null;
    readonly problem: string | null;
  },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('schedules')
    .set({
      last_order: run.order,
      problem: run.problem,
      ...(run.pipelineId === null ? {} : { last_pipeline_id: run.pipelineId }),
    })
    .where('id', '=', run.id)
    .where('last_order', '<', run.order)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

type ScheduleRow = Omit<SchedulesTable, 'id' | 'last_order'> & { readonly id: number };

/** Only this file writes them. */
function scheduleOf(row: ScheduleRow): Schedule {
  const variables: ScheduleVariable[] = JSON.parse(row.variables);
  const inputs: Record<string, unknown> = JSON.parse(row.inputs);
  return {
    id: row.id,
    projectId: row.project_id,
    description: row.description,
    ref: row.ref,
    cron: row.cron,
    timeZone: row.time_zone,
    active: row.active === 1,
    variables,
    inputs,
    owner: row.owner,
    nextRunAt: row.next_run_at,
    lastPipelineId: row.last_pipeline_id,
    problem: row.problem,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
