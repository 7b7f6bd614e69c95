import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ssh2 from 'ssh2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostKey } from './host-key.ts';
import { openSshPrivateKey } from './new-host-key.ts';

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

test('is right whatever its bytes are', async () => {
  await hostKey(folder);
  const made = Array.from({ length: 3_000 }, () => generateKeyPairSync('ed25519').privateKey);
  const zeros = made.filter(
    (key) => Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url')[0] === 0,
  );
  expect(zeros.length).toBeGreaterThan(0);
  for (const [index, key] of zeros.slice(0, 3).entries()) {
    const text = openSshPrivateKey(key, 'x'.repeat(index));
    const path = join(folder, `zero${index}`);
    await writeFile(path, text, { mode: 0o600 });
    const printed = (await promisify(execFile)('ssh-keygen', ['-y', '-f', path])).stdout.split(' ')[1];
    const parsed = ssh2.utils.parseKey(text);
    if (parsed instanceof Error) throw parsed;
    expect(parsed.getPublicSSH().toString('base64')).toBe(printed?.trim());
  }
});
