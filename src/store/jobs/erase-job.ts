import type { Db } from '../store.ts';

/** Takes away what a job that is over has left; its row stays, and says when. Answers with the keys of its blobs. */
export async function eraseJob(
  db: Db,
  jobId: number,
  { now, log }: { readonly now: number; readonly log: boolean },
): Promise<readonly string[]> {
  const kept = await db.deleteFrom('artifacts').where('job_id', '=', jobId).returning('blob').execute();
  await db.updateTable('jobs').set({ erased_at: now, dotenv: null }).where('id', '=', jobId).execute();
  if (log) await db.deleteFrom('traces').where('job_id', '=', jobId).execute();
  return kept.map(({ blob }) => blob);
}
