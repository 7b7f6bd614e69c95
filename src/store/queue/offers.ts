import { sql } from 'kysely';
import type { Db, Tx } from '../store.ts';
import type { PlaceHolder } from './places.ts';

/**
 * A job that was given to a runner which says when it has it (docs/decisions/0012). Until then it waits, in no queue: only
 * the bearer of its token can begin it.
 */
export interface OfferedJob {
  readonly id: number;
  readonly token_hash: string | null;
  /** When the runner was last heard of about it. */
  readonly touched_at: number | null;
}

interface Offer {
  readonly jobId: number;
  readonly runnerId: number;
  readonly systemId: string | null;
  readonly shared: boolean;
  readonly tokenHash: string;
  readonly holder?: PlaceHolder;
}

/** As the index has it, or the database would look at all that waits. */
const OFFERED = sql<boolean>`status = 'pending' and offered_at is not null`;

/** The ids of those that are offered now: one that is not waits no longer, or was offered to another runner just before. */
export async function offerJobs(db: Db, offers: readonly Offer[], now: number): Promise<ReadonlySet<number>> {
  if (offers.length === 0) return new Set();
  const values = offers.map(
    ({ jobId, runnerId, systemId, shared, tokenHash, holder }) =>
      sql`(cast(${jobId} as bigint), cast(${runnerId} as bigint), cast(${systemId} as text),
        cast(${shared ? 1 : 0} as bigint), cast(${tokenHash} as text),
        cast(${holder?.process ?? null} as text))`,
  );
  const { rows } = await sql<{ readonly id: number }>`
    update jobs set runner_id = given.column2, system_id = given.column3, on_shared = given.column4,
      token_hash = given.column5, process = given.column6, offered_at = ${now}, touched_at = ${now}
    from (values ${sql.join(values)}) as given
    where jobs.id = given.column1 and jobs.status = 'pending' and jobs.offered_at is null
    returning id
  `.execute(db);
  return new Set(rows.map(({ id }) => id));
}

export function offeredJobs(db: Db): Promise<readonly OfferedJob[]> {
  return db.selectFrom('jobs').select(['id', 'token_hash', 'touched_at']).where(OFFERED).execute();
}

/** Ends the offer because the runner has the job. False: there is none with this token. */
export async function closeOffer(db: Db, id: number, tokenHash: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('jobs')
    .set({ offered_at: null })
    .where('id', '=', id)
    .where('token_hash', '=', tokenHash)
    .where(OFFERED)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/**
 * Puts a job back into the queue whose runner was not heard of since this was read. Its token is worth nothing from then
 * on. False: the runner has begun it meanwhile, or was heard of.
 */
export async function withdrawOffer(tx: Tx, job: OfferedJob): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('jobs')
    .set({
      ...{ runner_id: null, system_id: null, process: null, on_shared: 0, token_hash: null },
      ...{ offered_at: null, touched_at: null },
    })
    .where('id', '=', job.id)
    .where('token_hash', '=', job.token_hash)
    .where('touched_at', '=', job.touched_at)
    .where(OFFERED)
    .executeTakeFirst();
  if (numUpdatedRows > 0n) tx.tell('queue');
  return numUpdatedRows > 0n;
}
