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
 * the status, so that the runner stops. Whoever speaks of a job that it was offered has it: it begins.
 */
export async function workingJob(
  broker: JobBroker,
  request: Asked,
  id: number,
  bodyToken?: string,
): Promise<JobRecord> {
  const job = await jobWithItsToken(broker, request, id, bodyToken);
  if (!job.isOffered) return atWork(job);
  await broker.begin(job);
  return atWork(await jobWithItsToken(broker, request, id, bodyToken));
}

/** The same, but a job that the runner was offered stays offered to it. */
export async function heldJob(
  broker: JobBroker,
  request: Asked,
  id: number,
  bodyToken?: string,
): Promise<JobRecord> {
  const job = await jobWithItsToken(broker, request, id, bodyToken);
  return job.isOffered ? job : atWork(job);
}

async function jobWithItsToken(
  broker: JobBroker,
  request: Asked,
  id: number,
  bodyToken: string | undefined,
): Promise<JobRecord> {
  const token = headerToken(request, 'job-token') ?? bodyToken ?? '';
  const job = await broker.job(id);
  if (job === null) throw new Refusal(404, '404 Not found');
  if (!isToken(token, job.tokenHash)) throw new Refusal(403, '403 Forbidden');
  return job;
}

/** The running job whose token a request has. */
export async function jobOfToken(broker: JobBroker, request: Asked): Promise<JobRecord> {
  const token = headerToken(request, 'job-token');
  if (token === undefined) throw new Refusal(401, '401 Unauthorized');
  const job = await broker.jobWithToken(hashToken(token));
  if (job === null) throw new Refusal(403, '403 Forbidden');
  return job.isOffered ? workingJob(broker, request, job.id) : atWork(job);
}

function atWork(job: JobRecord): JobRecord {
  if (job.status === 'running' || job.status === 'canceling') return job;
  throw new Refusal(403, '403 Forbidden - Job is not processing on runner', { 'Job-Status': job.status });
}

function headerToken({ headers }: Asked, name: 'runner-token' | 'job-token'): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
