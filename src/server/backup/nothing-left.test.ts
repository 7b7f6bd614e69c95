import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { takeBackup } from './index.ts';

test('a backup of what is no data folder leaves nothing, neither there nor where it was to be', async () => {
  const folder = await newFolder();
  const missing = join(folder, 'missing');
  const database = 'postgres://nobody@127.0.0.1:1/none';
  for (const places of [{ dataFolder: missing }, { dataFolder: missing, database }]) {
    await expect(backup(places, join(folder, 'file'))).rejects.toMatchObject({
      code: 'backup-not-written',
      hint: expect.stringContaining('--data'),
    });
    expect(await readdir(folder)).toEqual([]);
  }
});

test('a backup of a folder without a database leaves it empty', async () => {
  const folder = await newFolder();
  const empty = join(folder, 'empty');
  await mkdir(empty);
  await expect(backup({ dataFolder: empty }, join(folder, 'file'))).rejects.toMatchObject({
    code: 'database-unusable',
  });
  expect(await readdir(folder)).toEqual(['empty']);
  expect(await readdir(empty)).toEqual([]);
});

test('a backup into a folder that is not there says that it is the folder', async () => {
  const folder = await newFolder();
  await expect(backup({ dataFolder: folder }, join(folder, 'none', 'file'))).rejects.toMatchObject({
    code: 'backup-not-written',
    hint: 'Give a folder that is there, and into which this user may write.',
  });
});

function backup(places: { readonly dataFolder: string; readonly database?: string }, file: string) {
  return takeBackup({ ...places, file, replace: false, program: 'test', clock: systemClock });
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-nothing-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
