import { isWithRunner, jobByToken, type Project, type Store } from '../../../store/index.ts';

/**
 * The running job whose token this is, if it may start pipelines of a project: of its own, and of those that let its
 * project in (`job_token_scope/allowlist`). null: it may not, or the token is no job's.
 */
export async function triggeringJob(
  store: Store,
  tokenHash: string,
  project: Project,
): Promise<number | null> {
  const job = await store.read((db) => jobByToken(db, tokenHash));
  if (job === null || !isWithRunner(job)) return null;
  const isIn = job.project_id === project.id || project.settings.jobTokenProjects.includes(job.project_id);
  return isIn ? job.id : null;
}
