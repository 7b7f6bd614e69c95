import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openRepositories } from '../repositories.ts';
import { client } from '../test-support/git-server.ts';
import { packRepository } from './pack-repository.ts';
import { makeRefs, unpackRepository } from './unpack-repository.ts';

test('a large repository goes from one place to another, and nobody is warned of listeners', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-transfer-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const warnings: string[] = [];
  const warn = (warning: Error): void => void warnings.push(warning.name);
  process.on('warning', warn);
  onTestFinished(() => void process.off('warning', warn));

  const work = join(folder, 'work');
  await client(folder, 'init', '-q', '-b', 'main', work);
  await writeFile(join(work, 'large'), randomBytes(8_000_000));
  await client(work, 'add', '-A');
  await client(work, 'commit', '-q', '-m', 'Large');
  const hash = (await client(work, 'rev-parse', 'HEAD')).stdout.trim();

  const repositories = await openRepositories(join(folder, 'repositories'));
  await repositories.create(1, 'main');
  await unpackRepository(repositories.folderOf(1), packRepository(join(work, '.git'), many(hash)));
  await makeRefs(repositories.folderOf(1), [['refs/heads/main', hash]]);

  expect((await client(repositories.folderOf(1), 'fsck')).code).toBe(0);
  // Warnings are given a turn later.
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([]);
});

/** More of it than a pipe takes at once, many times. */
async function* many(hash: string): AsyncGenerator<string> {
  for (let count = 0; count < 50_000; count += 1) yield hash;
}
