import { crc32 } from 'node:zlib';
import type { Traces } from '../../store/index.ts';
import type { TraceMark } from '../runner-api/ports.ts';

/**
 * How long the logs of running jobs are, and their checksums, kept while they grow: a log is not read again to be
 * checked, unless another process has written to it.
 */
export interface TraceMarks {
  appended(jobId: number, start: number, bytes: Uint8Array): void;
  /** Of the log as this process knows it; `fresh`: as it is kept, whoever has written to it. */
  mark(jobId: number, fresh?: boolean): Promise<TraceMark>;
  forget(jobId: number): void;
}

export function createTraceMarks(traces: Traces): TraceMarks {
  const marks = new Map<number, TraceMark>();

  return {
    appended(jobId, start, bytes) {
      const known = marks.get(jobId) ?? (start === 0 ? NOTHING : null);
      if (known === null || known.bytes !== start) return void marks.delete(jobId);
      marks.delete(jobId);
      marks.set(jobId, { bytes: start + bytes.length, crc32: crc32(bytes, known.crc32) });
      for (const oldest of marks.keys()) {
        if (marks.size <= MOST_MARKS) break;
        marks.delete(oldest);
      }
    },
    async mark(jobId, fresh = false) {
      const key = traceKey(jobId);
      const known = marks.get(jobId);
      if (known !== undefined && !fresh) return known;
      let found = NOTHING;
      for await (const chunk of traces.read(key)) {
        found = { bytes: found.bytes + chunk.length, crc32: crc32(chunk, found.crc32) };
      }
      return found;
    },
    forget: (jobId) => void marks.delete(jobId),
  };
}

const NOTHING: TraceMark = { bytes: 0, crc32: 0 };

const MOST_MARKS = 20_000;

/** Where a job's log is: a thousand in a folder. */
export function traceKey(jobId: number): string {
  return `logs/${Math.floor(jobId / 1000)}/${jobId}.log`;
}
