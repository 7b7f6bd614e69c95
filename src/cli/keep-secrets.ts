import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { AppError } from '../base/app-error.ts';
import { createSecretStore, repositoryRoot, type SecretStore, stateFolders } from '../local/index.ts';
import { EXIT } from './exit-codes.ts';
import type { ProjectOptions } from './find-project.ts';
import { type Io, print } from './io.ts';

/** What `slipway secret set` does. */
export async function setSecret(io: Io, name: string, options: ProjectOptions): Promise<number> {
  if (!/^\P{Cc}{1,2048}$/u.test(name)) {
    throw new AppError('bad-option', 'The name of a secret is one line of at most 2048 characters.');
  }
  const store = await storeOf(io, options);
  const value = await readValue(io, name);
  if (value === '') throw new AppError('bad-option', 'The value of a secret cannot be empty.');
  await store.set(name, value);
  return EXIT.success;
}

/** What `slipway secret list` does. */
export async function listSecrets(io: Io, options: ProjectOptions): Promise<number> {
  const names = await (await storeOf(io, options)).names();
  await print(io.stdout, names.map((name) => `${name}\n`).join(''));
  return EXIT.success;
}

/** What `slipway secret remove` does. */
export async function removeSecret(io: Io, name: string, options: ProjectOptions): Promise<number> {
  if (await (await storeOf(io, options)).remove(name)) return EXIT.success;
  await print(io.stderr, `There is no secret ${JSON.stringify(name)}.\n`);
  return EXIT.failed;
}

async function storeOf(io: Io, { repository }: ProjectOptions): Promise<SecretStore> {
  const root = await repositoryRoot(resolve(io.folder, repository ?? '.'));
  return createSecretStore(stateFolders(root, io.environment).secrets);
}

/** Asked for at a terminal, else all of standard input but its last line end. */
async function readValue(io: Io, name: string): Promise<string> {
  const input = io.stdin ?? process.stdin;
  if (input.isTTY === true) {
    await print(io.stderr, `Value of ${name}: `);
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
