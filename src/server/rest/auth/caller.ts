import type { IncomingHttpHeaders } from 'node:http';
import { type Db, isWithRunner, jobByToken, type StoredToken, tokenByHash } from '../../../store/index.ts';
import { hashToken } from '../../runner-api/token-hash.ts';

/** Who asks. There is one person; tokens of projects and running jobs are for their project alone. */
export type Caller =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'administrator'; readonly token: StoredToken; readonly mayWrite: boolean }
  | {
      readonly kind: 'project';
      readonly token: StoredToken;
      readonly projectId: number;
      readonly mayWrite: boolean;
    }
  | { readonly kind: 'job'; readonly projectId: number; readonly jobId: number };

/** What a request has to say who asks: of a person or a project, or of a job. */
export interface Credentials {
  readonly kind: 'token' | 'job';
  readonly hash: string;
}

/** As GitLab takes them: `PRIVATE-TOKEN`, `Authorization: Bearer`, `JOB-TOKEN`. null: the request says nothing. */
export function credentialsOf(headers: IncomingHttpHeaders): Credentials | null {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const token = textOf(headers['private-token']) ?? bearer;
  if (token !== undefined) return { kind: 'token', hash: hashToken(token) };
  const job = textOf(headers['job-token']);
  if (job !== undefined) return { kind: 'job', hash: hashToken(job) };
  return headers.authorization === undefined ? null : { kind: 'token', hash: hashToken('') };
}

function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * Whose the credentials are; null: they are nobody's, or good for something else. A token is looked for by its hash, so
 * the time that it takes tells nothing about how much of it was right.
 */
export async function callerOf(db: Db, { kind, hash }: Credentials, now: number): Promise<Caller | null> {
  if (kind === 'job') {
    const job = await jobByToken(db, hash);
    if (job === null || !isWithRunner(job)) return null;
    return { kind: 'job', projectId: job.project_id, jobId: job.id };
  }
  const token = await tokenByHash(db, hash, now);
  if (token === null || token.kind === 'registration') return null;
  const mayWrite = token.scopes.includes('api');
  if (!mayWrite && !token.scopes.includes('read_api')) return null;
  if (token.kind === 'personal') return { kind: 'administrator', token, mayWrite };
  return token.projectId === null ? null : { kind: 'project', token, projectId: token.projectId, mayWrite };
}
