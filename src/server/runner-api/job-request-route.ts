import type { Socket } from 'node:net';
import type { wireSchemas } from '../../protocol/index.ts';
import { runnerHash } from './authenticate.ts';
import type { JobBroker } from './ports.ts';
import { Refusal } from './refusal.ts';
import type { RunnerApi } from './runner-api.ts';

/**
 * A runner asks for a job. One that knows the newest state of its queue is kept waiting until that changes, so that a
 * job reaches it at once and an idle fleet costs nothing. 403 is only for a token that is no runner's: three of them
 * make a runner pause for an hour.
 */
export function jobRequestRoute(
  api: RunnerApi,
  broker: JobBroker,
  { JobRequest }: Awaited<ReturnType<typeof wireSchemas>>,
  { longPollMs, ending }: { readonly longPollMs: number; readonly ending: AbortSignal },
): void {
  api.post('/jobs/request', { schema: { body: JobRequest } }, async (request, reply) => {
    const { token, system_id: systemId = '', info = {}, last_update: known } = request.body;
    const hash = runnerHash(request, token);
    let taken = await broker.takeJob(hash, { systemId, info });
    if (taken.kind === 'none' && longPollMs > 0 && known === taken.lastUpdate) {
      await waitWhileThere(request.raw.socket, longPollMs, ending, (signal) =>
        broker.waitForChange(hash, { systemId, info }, known, signal),
      );
      // A job must not be given to a runner that is no longer there.
      if (request.raw.socket.destroyed) return reply.hijack();
      // Nor by a server that is about to end.
      if (!ending.aborted) taken = await broker.takeJob(hash, { systemId, info });
    }
    if (taken.kind === 'job') return reply.code(201).send(taken.job);
    if (taken.kind === 'none') return reply.code(204).header('X-GitLab-Last-Update', taken.lastUpdate).send();
    throw taken.kind === 'conflict' ? new Refusal(409, '409 Conflict') : new Refusal(403, '403 Forbidden');
  });
}

async function waitWhileThere(
  socket: Socket,
  milliseconds: number,
  ending: AbortSignal,
  wait: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  socket.once('close', leave);
  const timer = setTimeout(leave, milliseconds);
  ending.addEventListener('abort', leave);
  if (ending.aborted) leave();
  try {
    await wait(gone.signal);
  } finally {
    clearTimeout(timer);
    ending.removeEventListener('abort', leave);
    socket.off('close', leave);
  }
}
