import type { IncomingHttpHeaders } from 'node:http';
import type { JobBroker, JobRecord } from './ports.ts';
import { Refusal } from './refusal.ts';
import { hashToken, isToken } from './token-hash.ts';

/** What is read of a request here. */
interface Asked {
  readonly headers: IncomingHttpHeaders;
}

/** The hash of a runner's token: of the header, or of the body where older runners have it. */
export function runnerHash(request: Asked, bodyToken: string | undefined): string {
  const token = headerToken(request, 'runner-token') ?? bodyToken ?? '';
  if (token === '') throw new Refusal(403, '403 Forbidden');
  return hashToken(token);
}

/**
 * The job that a request is about, if its token is the job's and a runner is at work on it. Otherwise the answer names
 * the status, so that the runner stops.
 */
export async function workingJob(
  broker: JobBroker,
  request: Asked,
  id: number,
  bodyToken?: string,
): Promise<JobRecord> {
  const token = headerToken(request, 'job-token') ?? bodyToken ?? '';
  const job = await broker.job(id);
  if (job === null) throw new Refusal(404, '404 Not found');
  if (!isToken(token, job.tokenHash)) throw new Refusal(403, '403 Forbidden');
  return atWork(job);
}

/** The running job whose token a request has. */
export async function jobOfToken(broker: JobBroker, request: Asked): Promise<JobRecord> {
  const token = headerToken(request, 'job-token');
  if (token === undefined) throw new Refusal(401, '401 Unauthorized');
  const job = await broker.jobWithToken(hashToken(token));
  if (job === null) throw new Refusal(403, '403 Forbidden');
  return atWork(job);
}

function atWork(job: JobRecord): JobRecord {
  if (job.status === 'running' || job.status === 'canceling') return job;
  throw new Refusal(403, '403 Forbidden - Job is not processing on runner', { 'Job-Status': job.status });
}

function headerToken({ headers }: Asked, name: 'runner-token' | 'job-token'): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
