import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { BuildJob } from '../pipeline/index.ts';
import type { JobSpec } from '../protocol/index.ts';
import { type JobResult, removeTree, type WorkspaceKeeper } from '../runner/index.ts';
import { type KeptJob, WORKSPACE, writeKeptJob } from './kept-job.ts';

export interface KeepJobsOptions
  extends Pick<KeptJob, 'repository' | 'sandbox' | 'privileged' | 'engineSocket'> {
  /** The run's folder for kept jobs; made with the first. */
  readonly folder: string;
  /** Names of jobs to keep when they passed too; others are kept when they failed. */
  readonly always: ReadonlySet<string>;
  readonly clock: Clock;
}

/** What a run keeps of its jobs for `slipway shell`: of each job's attempts the last that was to be kept. */
export interface KeptJobs {
  keeper(spec: JobSpec, within: readonly string[], executor: KeptJob['executor']): WorkspaceKeeper;
  /** Takes down that a job which has ended so would have been kept, and why it cannot be. */
  cannot(name: string, status: JobResult['status'], why: string): void;
  /** Names of the jobs that were kept, each once. */
  names(): readonly string[];
  /** Names of those that could not be, each once, by the reason. */
  refused(): ReadonlyMap<string, ReadonlySet<string>>;
}

/** Why a job cannot be kept; null: it can. */
export function whyNotKept(job: BuildJob): string | null {
  if (job.sharedWorkspace !== undefined) return 'other jobs have the same working copy';
  return job.secretVariables === undefined ? null : 'secrets would stay with it';
}

export function keepJobs(options: KeepJobsOptions): KeptJobs {
  const { folder, always, clock, ...settings } = options;
  /** Folders by the job's full name. */
  const kept = new Map<string, { readonly name: string; readonly folder: string }>();
  const refused = new Map<string, Set<string>>();
  const isWanted = (name: string, status: JobResult['status']): boolean =>
    status === 'failed' || (status === 'success' && always.has(name));
  return {
    keeper(spec, within, executor) {
      const own = join(folder, String(spec.id));
      return {
        async place(status) {
          if (!isWanted(spec.name, status)) return null;
          await mkdir(own, { recursive: true, mode: 0o700 });
          return join(own, WORKSPACE);
        },
        async kept({ references }) {
          const endedAt = clock.now();
          const job = { ...settings, within, endedAt, executor, references, spec };
          await writeKeptJob(own, job);
          const fullName = [...within, spec.name].join('\0');
          const earlier = kept.get(fullName);
          kept.set(fullName, { name: spec.name, folder: own });
          if (earlier !== undefined) await removeTree(earlier.folder);
        },
      };
    },
    cannot(name, status, why) {
      if (!isWanted(name, status)) return;
      const names = refused.get(why) ?? new Set();
      refused.set(why, names.add(name));
    },
    refused: () => refused,
    names: () => [...new Set([...kept.values()].map(({ name }) => name))],
  };
}
