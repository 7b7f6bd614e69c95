import { connect } from 'node:net';
import type { Container } from 'dockerode';
import type { Clock } from '../../base/clock.ts';
import type { ContainerJob } from './container-job.ts';
import { demultiplex } from './demultiplex.ts';
import type { RunningService } from './start-services.ts';

export type Readiness = 'ready' | 'died' | 'timeout';

const PAUSE_MS = 50;
const CONNECT_MS = 1_000;

/**
 * Waits until the service accepts a connection on one of the ports its image exposes. One is enough: docker:dind
 * exposes two and listens on the one that its configuration asks for. A service that exposes none is ready at once.
 */
export async function waitForService(
  { options, name, signal }: ContainerJob,
  { container }: RunningService,
  ports: readonly number[],
): Promise<Readiness> {
  if (ports.length === 0) return 'ready';
  const { clock } = options;
  const deadline = clock.elapsed() + options.serviceWaitSeconds * 1000;
  for (;;) {
    signal.throwIfAborted();
    const { State, NetworkSettings } = await container.inspect();
    if (!State.Running) return 'died';
    const address = NetworkSettings.Networks[name]?.IPAddress;
    if (address && (await anyPortAccepts(container, address, ports))) return 'ready';
    if (clock.elapsed() >= deadline) return 'timeout';
    await pause(clock, PAUSE_MS, signal);
  }
}

async function anyPortAccepts(
  container: Container,
  address: string,
  ports: readonly number[],
): Promise<boolean> {
  const answers = await Promise.all(ports.map((port) => tryPort(address, port)));
  if (answers.includes('accepted')) return true;
  return answers.includes('unreachable') && (await listensInside(container, ports));
}

function tryPort(host: string, port: number): Promise<'accepted' | 'refused' | 'unreachable'> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const finish = (answer: 'accepted' | 'refused' | 'unreachable') => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', () => finish('accepted'));
    socket.on('timeout', () => finish('unreachable'));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      finish(error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET' ? 'refused' : 'unreachable'),
    );
  });
}

/**
 * Asks the service's own kernel tables, for engines whose containers this machine has no route to (in a virtual
 * machine, or rootless).
 */
async function listensInside(container: Container, ports: readonly number[]): Promise<boolean> {
  try {
    const exec = await container.exec({
      Cmd: ['cat', '/proc/net/tcp', '/proc/net/tcp6'],
      AttachStdout: true,
      AttachStderr: true,
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of demultiplex(await exec.start({ hijack: true, stdin: false })))
      chunks.push(chunk);
    return listeningPorts(Buffer.concat(chunks).toString('latin1')).some((port) => ports.includes(port));
  } catch {
    // No `cat` in the image, or the service has just ended: the next round sees which.
    return false;
  }
}

/** From /proc/net/tcp: `sl local_address rem_address st …`, addresses in hexadecimal, state 0A is LISTEN. */
export function listeningPorts(table: string): readonly number[] {
  return [...table.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A /gm)].map(([, port]) =>
    Number.parseInt(port ?? '', 16),
  );
}

function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(milliseconds, done);
    signal.addEventListener('abort', done);
  });
}
