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

export interface TraceEnd {
  readonly jobId: number;
  readonly size: number;
  readonly checksum: string;
}

/** What the logs of finished jobs come to. */
export async function noteTraceEnds(db: Db, traces: readonly TraceEnd[], now: number): Promise<void> {
  if (traces.length === 0) return;
  await db
    .insertInto('traces')
    .values(
      traces.map(({ jobId, size, checksum }) => ({
        ...{ job_id: jobId, size, checksum, state: 'complete', updated_at: now },
      })),
    )
    .onConflict((conflict) =>
      conflict.column('job_id').doUpdateSet((row) => ({
        size: row.ref('excluded.size'),
        checksum: row.ref('excluded.checksum'),
        state: row.ref('excluded.state'),
        updated_at: row.ref('excluded.updated_at'),
      })),
    )
    .execute();
}
