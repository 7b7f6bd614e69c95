import type { Clock } from '../../base/clock.ts';
import { together } from '../../base/together.ts';
import { FAILURE_REASONS, type FailureReason, type JobOutcome } from '../../pipeline/index.ts';
import { RUNNER_INTERRUPTED } from '../../protocol/index.ts';
import {
  type JobRow,
  jobById,
  noteTraceEnds,
  type Outbox,
  type PipelineStore,
  type Store,
  type Tx,
} from '../../store/index.ts';
import { giveOutAgain } from '../pipelines/give-out-again.ts';
import type { Places } from '../places/places.ts';
import { logEntry } from '../reports/report-effects.ts';
import type { RunnerEnding, TraceMark } from '../runner-api/ports.ts';

export interface JobFinisherParts {
  readonly store: Store;
  readonly pipelines: PipelineStore;
  readonly outbox: Outbox;
  readonly places: Places;
  readonly clock: Clock;
}

/** A job whose runner has told its end. */
interface EndedJob {
  readonly row: JobRow;
  readonly ending: RunnerEnding;
  readonly mark: TraceMark;
  /** The expression that finds its coverage in its log; null: it has none. */
  readonly coverage: string | null;
}

/**
 * Writes what runners say of the ends of jobs; answers when it is on the disk. Jobs of one pipeline that end at the same
 * time are one step of it: one after the other, each would wait for the disk while it holds the pipeline.
 */
export function createJobFinisher(parts: JobFinisherParts): (job: EndedJob) => Promise<void> {
  const { store, pipelines, outbox, places, clock } = parts;

  const finishInTurn = together(async (jobs: readonly EndedJob[], pipelineId: number) => {
    await store.write((tx) => finishIn(tx, pipelineId, jobs));
    return jobs.map(() => null);
  }, MOST_AT_ONCE);

  async function finishIn(tx: Tx, pipelineId: number, jobs: readonly EndedJob[]): Promise<void> {
    const events = jobs.map(({ row: { name, attempt }, ending }) => ({
      ...{ type: 'job-finished' as const, job: name, attempt, outcome: outcomeOf(ending) },
    }));
    if ((await pipelines.applyIn(tx, pipelineId, events)) !== null) await noteLogs(tx, jobs);
  }

  async function noteLogs(tx: Tx, jobs: readonly EndedJob[]): Promise<void> {
    // The same job twice: its runner had no answer, and has told it again.
    const ends = new Map(
      jobs.map(({ row: { id: jobId }, mark: { bytes: size, crc32 } }) => [
        jobId,
        { jobId, size, checksum: `crc32:${crc32.toString(16).padStart(8, '0')}` },
      ]),
    );
    await noteTraceEnds(tx.db, [...ends.values()], clock.now());
    await outbox.append(
      tx,
      jobs.flatMap(({ row, coverage }) => (coverage === null ? [] : [logEntry(row.id, coverage)])),
    );
  }

  return async (job) => {
    const { row, ending } = job;
    if (ending.reason === RUNNER_INTERRUPTED) {
      await store.write(async (tx) => {
        const now = await jobById(tx.db, row.id);
        if (now === null) return;
        await giveOutAgain(tx, parts, now, { isLeaving: true });
        await noteLogs(tx, [job]);
      });
    } else await finishInTurn(job, row.pipeline_id);
    // It is looked at again when the pipeline's end is carried out; here the runner gets to know with its next question.
    if (row.place_id !== null) await places.pipelineOver(row.pipeline_id);
  };
}

const MOST_AT_ONCE = 64;

function outcomeOf({ status, reason, exitCode }: RunnerEnding): JobOutcome {
  if (status === 'success') return { status: 'success' };
  return { status: 'failed', reason: reasonOf(reason), exitCode };
}

/** A word that nobody knows comes from a newer runner. */
function reasonOf(reason: string | null): FailureReason {
  return FAILURE_REASONS.find((known) => known === reason) ?? 'unknown_failure';
}
