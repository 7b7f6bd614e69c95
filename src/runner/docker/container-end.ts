import type { Container } from 'dockerode';
import type { ScriptResult } from '../executor.ts';
import { engineWords, statusOf } from './engine.ts';
import { waitForExit } from './wait-for-exit.ts';

export type ContainerEnd = Exclude<ScriptResult, { readonly kind: 'aborted' }>;

/** How a run of a container ends: with its shell's exit code, or by losing the container. Never throws. */
export async function containerEnd(container: Container, memoryBytes: number | null): Promise<ContainerEnd> {
  try {
    const exitCode = await waitForExit(container);
    return SUSPICIOUS.has(exitCode)
      ? await explainKill(container, exitCode, memoryBytes)
      : { kind: 'exited', exitCode };
  } catch (error) {
    return lost(error);
  }
}

/** Why there is no container any more. */
export function lost(error: unknown): ContainerEnd {
  const reason =
    statusOf(error) === 404
      ? 'the container was removed while the script ran'
      : `the Docker engine went away while the script ran (${engineWords(error)})`;
  return { kind: 'lost', reason };
}

/** 128 + SIGKILL and 128 + SIGTERM: a script may end so by itself, or its container was taken away. */
const SUSPICIOUS: ReadonlySet<number> = new Set([137, 143]);

async function explainKill(
  container: Container,
  exitCode: number,
  memoryBytes: number | null,
): Promise<ContainerEnd> {
  const { State } = await container.inspect();
  if (State.OOMKilled) {
    const limit = memoryBytes === null ? '' : ` (its limit is ${Math.floor(memoryBytes / 1_048_576)} MiB)`;
    return { kind: 'lost', reason: `the container ran out of memory${limit}` };
  }
  if (State.Dead || State.Status === 'removing') {
    return { kind: 'lost', reason: 'the container was removed while the script ran' };
  }
  return { kind: 'exited', exitCode };
}
