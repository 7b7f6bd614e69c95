import type { Socket } from 'node:net';
import type { wireSchemas } from '../../protocol/index.ts';
import { runnerHash } from './authenticate.ts';
import type { JobBroker } from './ports.ts';
import { Refusal } from './refusal.ts';
import type { RunnerApi } from './runner-api.ts';

/**
 * A runner asks for a job. One that has been told before that there is none is kept waiting until there is one for it, so
 * that a job reaches it at once and an idle fleet costs nothing; whatever else happens in the queue meanwhile is none of its
 * business. 403 is only for a token that is no runner's: three of them make a runner pause for an hour.
 */
export function jobRequestRoute(
  api: RunnerApi,
  broker: JobBroker,
  { JobRequest }: Awaited<ReturnType<typeof wireSchemas>>,
  { longPollMs, ending }: { readonly longPollMs: number; readonly ending: AbortSignal },
): void {
  const waiting = createWaitingRequests(longPollMs, ending);
  api.post('/jobs/request', { schema: { body: JobRequest } }, async (request, reply) => {
    const { token, system_id: systemId = '', info = {}, last_update: known = '' } = request.body;
    const placedOnly = request.body.placed_only === true;
    const hash = runnerHash(request, token);
    const { socket } = request.raw;
    let taken = await broker.takeJob(hash, { systemId, info }, placedOnly);
    if (taken.kind === 'none' && longPollMs > 0 && known !== '') {
      const { lastUpdate } = taken;
      taken = await waiting.whileThere(socket, (signal) =>
        broker.waitForJob(hash, { systemId, info }, { lastUpdate, placedOnly }, signal),
      );
      if (socket.destroyed) return reply.hijack();
    }
    if (taken.kind === 'job') return reply.code(201).send(taken.job);
    if (taken.kind === 'none') return reply.code(204).header('X-GitLab-Last-Update', taken.lastUpdate).send();
    throw taken.kind === 'conflict' ? new Refusal(409, '409 Conflict') : new Refusal(403, '403 Forbidden');
  });
}

/** Their signals abort when their time is over, their runner is gone, or the server is about to end. */
function createWaitingRequests(milliseconds: number, ending: AbortSignal) {
  // One listener for all: a signal goes through all of its own with each that comes.
  const all = new Set<AbortController>();
  ending.addEventListener('abort', () => {
    for (const gone of [...all]) gone.abort();
  });
  return {
    async whileThere<T>(socket: Socket, wait: (signal: AbortSignal) => Promise<T>): Promise<T> {
      const gone = new AbortController();
      const leave = () => gone.abort();
      socket.once('close', leave);
      const timer = setTimeout(leave, milliseconds);
      all.add(gone);
      if (ending.aborted || socket.destroyed) leave();
      try {
        return await wait(gone.signal);
      } finally {
        clearTimeout(timer);
        all.delete(gone);
        socket.off('close', leave);
      }
    },
  };
}
