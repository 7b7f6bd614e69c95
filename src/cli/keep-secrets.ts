import { resolve } from 'node:path';
import { AppError } from '../base/app-error.ts';
import { createSecretStore, repositoryRoot, type SecretStore, stateFolders } from '../local/index.ts';
import { EXIT } from './exit-codes.ts';
import type { ProjectOptions } from './find-project.ts';
import { type Io, print } from './io.ts';
import { readHiddenValue } from './read-hidden-value.ts';

/** What `slipway secret set` does. */
export async function setSecret(io: Io, name: string, options: ProjectOptions): Promise<number> {
  if (!/^\P{Cc}{1,2048}$/u.test(name)) {
    throw new AppError('bad-option', 'The name of a secret is one line of at most 2048 characters.');
  }
  const store = await storeOf(io, options);
  const value = await readHiddenValue(io, `Value of ${name}`);
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
