import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostKey } from './host-key.ts';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'slipway-host-key-')), 'keys');
});
afterEach(() => rm(join(folder, '..'), { recursive: true }));

test('is made once, for its owner alone, also by many at once', async () => {
  const made = await Promise.all(Array.from({ length: 5 }, () => hostKey(folder)));
  expect(new Set(made).size).toBe(1);
  expect(await readdir(folder)).toEqual(['ssh_host_ed25519_key']);
  const path = join(folder, 'ssh_host_ed25519_key');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await promisify(execFile)('ssh-keygen', ['-l', '-f', path])).stdout).toContain('ED25519');
  expect(await hostKey(folder)).toBe(made[0]);
});

test('that others may read is not used', async () => {
  await hostKey(folder);
  await chmod(join(folder, 'ssh_host_ed25519_key'), 0o640);
  await expect(hostKey(folder)).rejects.toMatchObject({ code: 'host-key-unusable' });
});

test('cannot be made where a file is in the way', async () => {
  await writeFile(folder, '');
  await expect(hostKey(folder)).rejects.toMatchObject({ code: 'host-key-unusable' });
});
