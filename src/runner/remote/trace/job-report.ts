import type { Clock } from '../../../base/clock.ts';
import type { LogSink } from '../../log/job-log.ts';
import type { JobCalls } from '../server/job-calls.ts';
import { createWakeUp } from '../wake-up.ts';
import { type Ending, type Reported, startCourier } from './courier.ts';
import type { TraceBuffer } from './trace-buffer.ts';

export interface JobReportRequest {
  readonly calls: JobCalls;
  readonly buffer: TraceBuffer;
  /** A log that would be longer is cut, and says so: that is within the limit, too. */
  readonly logLimitBytes: number;
  readonly clock: Clock;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  /** The job is being canceled: its script is to end, its after_script still runs. Called once at most. */
  onCanceling(): void;
  /** The job is no longer ours: nothing is sent from then on. Called once at most. */
  onGone(reason: string): void;
  /** Ends everything at once, also what has not reached the server. */
  readonly signal: AbortSignal;
}

/** How the server learns about a running job: its log while it grows, that we are there, and how it ended. */
export interface JobReport {
  /** Where the job's log goes. To close it changes nothing: `finish` does. */
  readonly sink: LogSink;
  /** Sends what is missing of the log, then how the job ended; settles when nothing more can be done. */
  finish(ending: Ending): Promise<Reported>;
}

export function startJobReport(request: JobReportRequest): JobReport {
  const { buffer, clock, logLimitBytes } = request;
  const wakeUp = createWakeUp(clock);
  const courier = startCourier(request, wakeUp);
  const notice = Buffer.from(cutNotice(logLimitBytes));
  let isCut = false;

  async function append(bytes: Uint8Array): Promise<void> {
    if (isCut) return;
    const room = Math.max(0, logLimitBytes - notice.length - buffer.size());
    isCut = bytes.length > room;
    await buffer.append(isCut ? bytes.subarray(0, room) : bytes);
    if (isCut) await buffer.append(notice);
    wakeUp.wake();
  }

  return {
    sink: { write: append, close: () => Promise.resolve() },
    finish: (ending) => courier.finish(ending),
  };
}

function cutNotice(bytes: number): string {
  return `\nThe log is longer than the ${bytes} bytes that this runner sends; the job goes on without it.\n`;
}
