import type { JobLog } from '../log/job-log.ts';

export type CachePolicy = 'pull' | 'push' | 'pull-push';

/** The policy may come out of a variable, so that nobody could check it before; one that is none means both. */
export async function readCachePolicy(policy: string, log: JobLog): Promise<CachePolicy> {
  if (policy === 'pull' || policy === 'push' || policy === 'pull-push') return policy;
  await log.line(
    `WARNING: cache policy "${policy}" is none of pull, push, pull-push; using pull-push.`,
    'warning',
  );
  return 'pull-push';
}
