import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { AppError } from '../base/app-error.ts';
import { type Io, print } from './io.ts';

/**
 * A value that nobody else is to see: asked for at a terminal without being shown, else all of standard input but its
 * last line end.
 *
 * @throws AppError `bad-option` when it has more than 64 KiB
 */
export async function readHiddenValue(io: Io, question: string): Promise<string> {
  const input = io.stdin ?? process.stdin;
  if (input.isTTY === true) {
    await print(io.stderr, `${question}: `);
    const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input, output: unseen, terminal: true });
    try {
      return await lines.question('');
    } finally {
      lines.close();
      await print(io.stderr, '\n');
    }
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    const read = Buffer.from(chunk);
    bytes += read.length;
    if (bytes > MOST_BYTES) throw new AppError('bad-option', 'A secret can have at most 64 KiB.');
    chunks.push(read);
  }
  return Buffer.concat(chunks)
    .toString()
    .replace(/\r?\n$/, '');
}

/** As in AWS Secrets Manager and Google Secret Manager. */
const MOST_BYTES = 64 * 1024;
