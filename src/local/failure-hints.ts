import { builderHint } from '../config/index.ts';
import type { BuildJob } from '../pipeline/index.ts';
import type { Executor, JobResult } from '../runner/index.ts';

/** What is known of an attempt that may tell why it failed. */
export interface FailedAttempt {
  readonly job: BuildJob;
  readonly result: JobResult;
  readonly executor: Executor['name'];
  /** The job's container had the engine's socket. */
  readonly engineSocket: boolean;
  /** The log speaks of an engine that was looked for. */
  readonly engineSought: boolean;
}

/** What a person can do about a failure that the job itself cannot know of, one or two sentences; null: nothing. */
export function failureHint({
  job,
  result,
  executor,
  engineSocket,
  engineSought,
}: FailedAttempt): string | null {
  if (result.status !== 'failed') return null;
  if (result.reason === 'image_pull_failure' && job.image !== null) {
    const hint = builderHint(job.image.name);
    return hint === null ? null : `The image of '${job.name}' could not be had. ${hint}`;
  }
  if (executor !== 'docker' || engineSocket || !engineSought) return null;
  return `'${job.name}' looked for a Docker engine, and its container has none. slipway run --engine-socket gives containers this machine's, and with it all of this machine.`;
}

/** What every client of the engine says when nobody answers. */
const SOCKET = Buffer.from('docker.sock');

/** Reads a log as it is written, whose bytes are cut anywhere, for somebody who looked for an engine. */
export function watchForEngine(): { see(bytes: Uint8Array): void; readonly sought: boolean } {
  let sought = false;
  let end = Buffer.alloc(0);
  return {
    see(bytes) {
      if (sought) return;
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const seam = Buffer.concat([end, chunk.subarray(0, SOCKET.length)]);
      sought = seam.includes(SOCKET) || chunk.includes(SOCKET);
      end = Buffer.concat([end, chunk.subarray(-SOCKET.length)]).subarray(-SOCKET.length);
    },
    get sought() {
      return sought;
    },
  };
}
