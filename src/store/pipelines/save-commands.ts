import { type Command, jobState, type PipelineState } from '../../pipeline/index.ts';
import type { Tx } from '../store.ts';
import type { Outbox, OutboxEntry } from '../work/outbox.ts';
import type { Timers } from '../work/timers.ts';
import { workKind } from '../work/work-kind.ts';

/** What stands in the outbox for a command of a pipeline; the key is the pipeline's id. */
export interface PipelineCommand {
  readonly pipelineId: number;
  /** The job's place in the plan; null for a command that concerns the whole pipeline. */
  readonly position: number | null;
  readonly command: Command;
}

/** Beside the commands of the state machine: a new pipeline of a branch has been made. */
export interface NewerPipeline {
  readonly newer: { readonly projectId: number; readonly ref: string; readonly id: number };
}

/** What stands in the timer of a delayed job: what `delay-elapsed` needs. */
export interface JobDelay {
  readonly pipelineId: number;
  readonly job: string;
  readonly attempt: number;
}

/** What follows from a pipeline's changes; and the timers of its delayed jobs. */
export const PIPELINE_WORK = workKind<PipelineCommand | NewerPipeline>('pipeline');
export const JOB_DELAY = workKind<JobDelay>('job-delay');

interface Work {
  readonly outbox: Outbox;
  readonly timers: Timers;
  /** Whether a command that only tells of something is kept. */
  tells(command: Extract<Command, { type: 'job-status-changed' | 'pipeline-status-changed' }>): boolean;
}

/**
 * Writes what is to be done because of a step. A job that waits for a runner is found by its row, and a delay is a
 * timer; everything else goes to the outbox, in its order.
 */
export async function saveCommands(
  tx: Tx,
  { outbox, timers, tells }: Work,
  step: {
    readonly pipelineId: number;
    readonly after: PipelineState;
    readonly commands: readonly Command[];
    readonly now: number;
  },
): Promise<void> {
  const entries: OutboxEntry[] = [];
  for (const command of step.commands) {
    if (command.type === 'run-job') {
      tx.tell('queue');
    } else if (command.type === 'start-timer') {
      const { job, attempt, seconds } = command;
      const body = JOB_DELAY.write({ pipelineId: step.pipelineId, job, attempt });
      const dueAt = step.now + seconds * 1000;
      await timers.set(tx, { kind: JOB_DELAY.name, key: delayKey(step, command), dueAt, body });
    } else if (command.type === 'cancel-timer') {
      await timers.cancel(tx, JOB_DELAY.name, delayKey(step, command));
    } else if (command.type === 'cancel-job' && jobState(step.after, command.job).status !== 'canceling') {
      // No runner has begun it: with its row all is done, and there may be thousands of them.
    } else if (!isTelling(command) || tells(command)) {
      entries.push(entryOf(step, command));
    }
  }
  await outbox.append(tx, entries);
}

function isTelling(
  command: Command,
): command is Extract<Command, { type: 'job-status-changed' | 'pipeline-status-changed' }> {
  return command.type === 'job-status-changed' || command.type === 'pipeline-status-changed';
}

function entryOf(
  { pipelineId, after }: { readonly pipelineId: number; readonly after: PipelineState },
  command: Command,
): OutboxEntry {
  const position = 'job' in command ? (after.graph.indexes.get(command.job) ?? null) : null;
  const body = PIPELINE_WORK.write({ pipelineId, position, command });
  return { topic: PIPELINE_WORK.name, key: String(pipelineId), body };
}

function delayKey(
  { pipelineId, after }: { readonly pipelineId: number; readonly after: PipelineState },
  { job, attempt }: { readonly job: string; readonly attempt: number },
): string {
  return `${pipelineId}:${after.graph.indexes.get(job)}:${attempt}`;
}
