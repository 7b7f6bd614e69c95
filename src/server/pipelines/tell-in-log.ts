import type { Blobs } from '../../store/index.ts';
import { traceKey } from '../broker/trace-marks.ts';

export interface LogTellerParts {
  readonly blobs: Pick<Blobs, 'traces'>;
  readonly remark: (message: string, about: Readonly<Record<string, unknown>>) => void;
}

/** Writes why a job is over at the end of its log, which is empty unless it has run. */
export function createLogTeller({
  blobs,
  remark,
}: LogTellerParts): (jobId: number, why: string) => Promise<void> {
  return async (jobId, why) => {
    try {
      const key = traceKey(jobId);
      await blobs.traces.append(
        key,
        await blobs.traces.size(key),
        Buffer.from(`ERROR: Job failed: ${why}\n`),
      );
    } catch (error) {
      remark('What became of a job could not be written to its log', { job: jobId, err: error });
    }
  };
}
