import type { Db } from '../store.ts';

/**
 * Notes that a job's log is being sent from the beginning again. False when that was noted before: it happens once at
 * most.
 */
export async function noteTraceRestart(db: Db, jobId: number, now: number): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('traces')
    .values({ job_id: jobId, size: 0, checksum: null, state: 'restarted', updated_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** What a finished job's log comes to. */
export async function noteTraceEnd(
  db: Db,
  trace: { readonly jobId: number; readonly size: number; readonly checksum: string; readonly now: number },
): Promise<void> {
  const values = { size: trace.size, checksum: trace.checksum, state: 'complete', updated_at: trace.now };
  await db
    .insertInto('traces')
    .values({ job_id: trace.jobId, ...values })
    .onConflict((conflict) => conflict.column('job_id').doUpdateSet(values))
    .execute();
}
