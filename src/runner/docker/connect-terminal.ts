import type { Buffer } from 'node:buffer';
import { once } from 'node:events';
import type { Duplex, Writable } from 'node:stream';
import type { Exec } from 'dockerode';
import type { Terminal } from '../executor.ts';
import { outputPieces } from './demultiplex.ts';
import { statusOf } from './engine.ts';

/** Whether the person can be given a terminal inside: they type at one and look at one. */
export function isOnTerminal({ input, output }: Terminal): boolean {
  return input.isTTY === true && output.isTTY === true;
}

/**
 * Joins the person's streams with those of a command in a container until its output ends. On a terminal the keys go
 * through as they are, Ctrl-C among them, and the terminal inside has the size of the person's. Whatever happens, the
 * person's terminal is left as it was and its input unread.
 */
export async function connectTerminal(exec: Exec, stream: Duplex, terminal: Terminal): Promise<void> {
  const { input, output, error } = terminal;
  const onTerminal = isOnTerminal(terminal);
  const resize = () => void fitSize(exec, terminal);
  // A command that ends before it has read everything is no failure.
  stream.on('error', () => undefined);
  try {
    if (onTerminal) {
      input.setRawMode?.(true);
      output.on('resize', resize);
      await fitSize(exec, terminal);
    }
    input.pipe(stream);
    if (onTerminal) for await (const bytes of chunksOf(stream)) await writeTo(output, bytes);
    else {
      for await (const { from, bytes } of outputPieces(chunksOf(stream))) {
        await writeTo(from === 'stderr' ? error : output, bytes);
      }
    }
  } finally {
    output.off('resize', resize);
    input.unpipe(stream);
    input.pause();
    if (onTerminal) input.setRawMode?.(false);
    stream.destroy();
  }
}

/** A size that came too early or too late is no failure: the next one will do. */
async function fitSize(exec: Exec, { output: { columns, rows } }: Terminal): Promise<void> {
  if (columns === undefined || rows === undefined || columns === 0 || rows === 0) return;
  try {
    await exec.resize({ w: columns, h: rows });
  } catch (error) {
    if (statusOf(error) === null) throw error;
  }
}

async function writeTo(output: Writable, bytes: Uint8Array): Promise<void> {
  if (!output.write(bytes)) await once(output, 'drain');
}

/** A connection that breaks is an end like any other; how the command ended is asked of the engine. */
async function* chunksOf(stream: Duplex): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
  }
}
