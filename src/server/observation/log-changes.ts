import type { FastifyBaseLogger } from 'fastify';
import { type Command, isCompleted } from '../../pipeline/index.ts';

/** Writes to the log what becomes of pipelines, and on `debug` of their jobs. Names of jobs are no secrets. */
export function logChanges(
  log: Pick<FastifyBaseLogger, 'info' | 'debug'>,
): (pipelineId: number, commands: readonly Command[]) => void {
  return (pipeline, commands) => {
    for (const command of commands) {
      if (command.type === 'pipeline-status-changed' && isCompleted(command.to)) {
        log.info({ pipeline, status: command.to }, 'A pipeline has ended');
      }
      if (command.type === 'job-status-changed' && isCompleted(command.to)) {
        const { job, attempt, to: status, failure } = command;
        const reason = failure === null ? {} : { reason: failure.reason };
        log.debug({ pipeline, job, attempt, status, ...reason }, 'A job has ended');
      }
    }
  };
}
