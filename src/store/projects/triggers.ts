import type { TriggersTable } from '../schema/tables.ts';
import type { Db } from '../store.ts';

/** A token with which anybody who has it may start pipelines of a project. Of the token only a hash is kept. */
export interface Trigger {
  readonly id: number;
  readonly projectId: number;
  readonly description: string;
  /** The beginning of the token, by which people know it again. */
  readonly tokenStart: string;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export async function createTrigger(
  db: Db,
  trigger: Pick<Trigger, 'projectId' | 'description' | 'tokenStart' | 'expiresAt'> & {
    readonly tokenHash: string;
    readonly now: number;
  },
): Promise<Trigger> {
  const row = await db
    .insertInto('triggers')
    .values({
      project_id: trigger.projectId,
      description: trigger.description,
      token_hash: trigger.tokenHash,
      token_start: trigger.tokenStart,
      expires_at: trigger.expiresAt,
      created_at: trigger.now,
      updated_at: trigger.now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return triggerOf(row);
}

/** Null: none that is good at `now`. */
export async function triggerByToken(db: Db, tokenHash: string, now: number): Promise<Trigger | null> {
  const row = await db
    .selectFrom('triggers')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst();
  if (row === undefined || (row.expires_at !== null && row.expires_at <= now)) return null;
  return triggerOf(row);
}

export async function triggerById(db: Db, projectId: number, id: number): Promise<Trigger | null> {
  const row = await db
    .selectFrom('triggers')
    .selectAll()
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return row === undefined ? null : triggerOf(row);
}

/** In the order they were made. */
export async function listTriggers(db: Db, projectId: number): Promise<readonly Trigger[]> {
  const rows = await db
    .selectFrom('triggers')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('id')
    .execute();
  return rows.map(triggerOf);
}

/** Null: no such trigger. */
export async function describeTrigger(
  db: Db,
  { projectId, id }: { readonly projectId: number; readonly id: number },
  description: string,
  now: number,
): Promise<Trigger | null> {
  const row = await db
    .updateTable('triggers')
    .set({ description, updated_at: now })
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? null : triggerOf(row);
}

export async function noteTriggerUsed(db: Db, id: number, now: number): Promise<void> {
  await db.updateTable('triggers').set({ last_used_at: now }).where('id', '=', id).execute();
}

/** False: there is none. */
export async function removeTrigger(db: Db, projectId: number, id: number): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('triggers')
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

function triggerOf(row: Omit<TriggersTable, 'id'> & { readonly id: number }): Trigger {
  return {
    id: row.id,
    projectId: row.project_id,
    description: row.description,
    tokenStart: row.token_start,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
