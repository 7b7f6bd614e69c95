import type { Db } from '../store.ts';

/** Notes, before a blob is written, that it will be: what a crash leaves of it is found by this. */
export async function beginUpload(db: Db, blob: string, now: number): Promise<void> {
  await db.insertInto('uploads').values({ blob, started_at: now }).execute();
}

/** The blob belongs to something from now on. False: it was given up meanwhile, and is gone or soon will be. */
export async function endUpload(db: Db, blob: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('uploads').where('blob', '=', blob).executeTakeFirst();
  return numDeletedRows > 0n;
}

/** The keys of blobs whose upload began before a moment and was not ended. */
export async function abandonedUploads(db: Db, before: number, limit: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('uploads')
    .select('blob')
    .where('started_at', '<', before)
    .orderBy('started_at')
    .limit(limit)
    .execute();
  return rows.map(({ blob }) => blob);
}
