import {
  jobsOfProcesses,
  lockPipeline,
  type PipelineStore,
  type RunnerProcesses,
  type Store,
} from '../../store/index.ts';
import { createLogTeller, type LogTellerParts } from './tell-in-log.ts';

export interface DeadProcessesParts extends LogTellerParts {
  readonly store: Store;
  readonly pipelines: PipelineStore;
}

/**
 * Ends the jobs of processes that have died, as another process of the same runner on the same machine has seen: nobody
 * needs to wait until their silence is long enough (lost-jobs.ts). A job that was running fails, and `retry` applies; one
 * that was to be canceled is.
 */
export function createDeadProcesses(parts: DeadProcessesParts): {
  end(dead: RunnerProcesses): Promise<void>;
} {
  const { store, pipelines, remark } = parts;
  const tell = createLogTeller(parts);

  async function endIn(pipelineId: number, dead: RunnerProcesses): Promise<void> {
    await store.write(async (tx) => {
      if (!(await lockPipeline(store, tx, pipelineId))) return;
      const jobs = await jobsOfProcesses(tx.db, dead, pipelineId);
      await pipelines.applyIn(
        tx,
        pipelineId,
        jobs.map(({ name: job, attempt, isCanceling }) => ({
          type: 'job-finished',
          ...{ job, attempt },
          outcome: isCanceling
            ? { status: 'canceled' }
            : { status: 'failed', reason: 'runner_system_failure', exitCode: null },
        })),
      );
      tx.afterCommit(() => {
        for (const { id, isCanceling } of jobs) {
          remark('The process of a runner that had a job has died', { job: id });
          if (!isCanceling) void tell(id, 'The runner that had it has ended without a word.');
        }
      });
    });
  }

  return {
    async end(dead) {
      if (dead.processes.length === 0) return;
      const jobs = await store.read((db) => jobsOfProcesses(db, dead));
      for (const pipelineId of new Set(jobs.map((job) => job.pipelineId))) await endIn(pipelineId, dead);
    },
  };
}
