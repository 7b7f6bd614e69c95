import type { Container } from 'dockerode';
import type { Clock } from '../../base/clock.ts';
import { ignoreGone, statusOf } from './engine.ts';

/**
 * Ends a container's processes when the signal is aborted: SIGTERM to each of them, SIGKILL `graceSeconds` later to
 * what is left. Disposing waits until nothing more will be sent.
 */
export function stopOnAbort(
  container: Container,
  signal: AbortSignal,
  graceSeconds: number,
  clock: Clock,
): AsyncDisposable {
  let stopping: Promise<void> = Promise.resolve();
  let cancelKill: () => void = () => undefined;
  const stop = () => {
    stopping = Promise.all([stopping, terminate(container)]).then(() => undefined);
    cancelKill = clock.after(graceSeconds * 1000, () => {
      stopping = Promise.all([stopping, killContainer(container, 'SIGKILL')]).then(() => undefined);
    });
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });

  return {
    async [Symbol.asyncDispose]() {
      signal.removeEventListener('abort', stop);
      cancelKill();
      await stopping;
    },
  };
}

/** The engine signals only a container's first process; the others are reached from inside. */
async function terminate(container: Container): Promise<void> {
  await killContainer(container, 'SIGTERM');
  try {
    const exec = await container.exec({ Cmd: ['sh', '-c', 'kill -TERM -1'], User: '0', AttachStdout: true });
    const output = await exec.start({ hijack: true, stdin: false });
    output.on('error', () => undefined);
    output.destroy();
  } catch (error) {
    // 409: it has ended meanwhile; 404: it was removed; 500: it ended between the two requests.
    if (statusOf(error) === null) throw error;
  }
}

/** Does nothing to one that has ended. */
export async function killContainer(container: Container, signal: string): Promise<void> {
  try {
    await ignoreGone(container.kill({ signal }));
  } catch (error) {
    // 409: not running any more.
    if (statusOf(error) !== 409) throw error;
  }
}
