import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { writeTo } from '../git/index.ts';

/**
 * A list that may be longer than memory is large, in a file: written once, then read as often as wanted. Each entry is a
 * list of texts and numbers.
 */
export interface Spool<T> {
  add(entry: T): Promise<void>;
  /** Nothing is added any more. */
  close(): Promise<void>;
  entries(): AsyncGenerator<T>;
}

export function openSpool<T extends readonly (string | number)[]>(
  path: string,
  isEntry: (value: unknown) => value is T,
): Spool<T> {
  const out = createWriteStream(path, { mode: 0o600 });
  let failure: unknown = null;
  out.on('error', (error) => {
    failure = error;
  });
  return {
    async add(entry) {
      if (failure !== null) throw failure;
      await writeTo(out, Buffer.from(`${lineOf(entry)}\n`));
    },
    async close() {
      out.end();
      if (!out.closed) await once(out, 'close');
      if (failure !== null) throw failure;
    },
    async *entries() {
      for await (const line of createInterface({ input: createReadStream(path) })) {
        const entry: unknown = JSON.parse(line);
        if (!isEntry(entry)) throw new Error(`${path} holds something else than was written to it`);
        yield entry;
      }
    },
  };
}

/** `readline` ends a line at these too, and JSON leaves them as they are; the names of refs may have them. */
function lineOf(entry: readonly (string | number)[]): string {
  return JSON.stringify(entry).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
