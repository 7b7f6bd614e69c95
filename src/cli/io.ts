import type { Readable } from 'node:stream';
import { type Screen, writeTo } from './looks/display.ts';

/** What a command reads and writes, so that a test can give it streams of its own. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Absent: this process's own. */
  readonly stdin?: Readable & { readonly isTTY?: boolean };
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder the command was called in. */
  readonly folder: string;
  /** When the command was called. */
  readonly now: Date;
}

export interface Output extends Screen {
  readonly isTTY?: boolean;
}

export function processIo(): Io {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    folder: process.cwd(),
    now: new Date(),
  };
}

/** Writes all of it and resolves once the stream takes more. */
export async function print(stream: Output, text: string): Promise<void> {
  await writeTo(stream, text);
}
