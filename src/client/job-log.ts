import type { Clock } from '../base/clock.ts';
import type { ServerClient } from './server-client.ts';

/**
 * A job's log from a byte on, and then what comes, until the job is over or the signal aborts. A connection that is
 * lost is made again, and goes on from where it was.
 */
export async function* followJobLog(
  client: ServerClient,
  clock: Clock,
  job: { readonly projectId: number; readonly id: number },
  signal: AbortSignal,
  from = 0,
): AsyncGenerator<Uint8Array> {
  const path = `/projects/${job.projectId}/jobs/${job.id}/trace`;
  let at = from;
  for (let failures = 0; !signal.aborted; ) {
    try {
      const answer = await client.stream(path, at, signal, { follow: true });
      if (answer === null) return;
      for await (const chunk of answer.bytes) {
        at += chunk.length;
        failures = 0;
        yield chunk;
      }
      return;
    } catch (error) {
      failures += 1;
      if (signal.aborted) return;
      if (failures > MOST_FAILURES || !isConnectionLost(error)) throw error;
      await pause(clock, 500 * failures, signal);
    }
  }
}

/** About half a minute. */
const MOST_FAILURES = 10;

/** What the server itself has said is no reason to ask again. */
function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'TypeError' || ('code' in error && error.code === 'server-away');
}

/** Ends early when the signal aborts. */
export function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const cancel = clock.after(milliseconds, done);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
