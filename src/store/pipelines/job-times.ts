import { type Command, isCompleted, type JobStatus } from '../../pipeline/index.ts';

/** The columns of times that a change of status sets. */
export interface JobTimes {
  readonly queued_at?: number | null;
  readonly started_at?: number | null;
  readonly finished_at?: number | null;
}

/** What the commands of a step tell of the attempts of jobs. */
export interface ToldAttempt {
  readonly job: string;
  readonly attempt: number;
  /** Its last change of status in this step. */
  readonly last: Extract<Command, { readonly type: 'job-status-changed' }>;
  readonly times: JobTimes;
}

/** The attempts that changed their status, by job and attempt (`attemptKey`), with the times of all their changes. */
export function toldAttempts(commands: readonly Command[], now: number): ReadonlyMap<string, ToldAttempt> {
  const told = new Map<string, ToldAttempt>();
  for (const command of commands) {
    if (command.type !== 'job-status-changed') continue;
    const { job, attempt, to } = command;
    const key = attemptKey(job, attempt);
    const times = { ...told.get(key)?.times, ...timesOf(to, now) };
    told.set(key, { job, attempt, last: command, times });
  }
  return told;
}

export function attemptKey(job: string, attempt: number): string {
  return `${attempt} ${job}`;
}

export function timesOf(status: JobStatus, now: number): JobTimes {
  if (status === 'created') return { queued_at: null, started_at: null, finished_at: null };
  if (status === 'pending') return { queued_at: now };
  if (status === 'running') return { started_at: now, finished_at: null };
  return isCompleted(status) ? { finished_at: now } : {};
}
