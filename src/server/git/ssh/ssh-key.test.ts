import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSshKey } from './ssh-key.ts';

const run = promisify(execFile);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-ssh-key-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function make(type: string, bits: string): Promise<string> {
  const path = join(folder, `${type}${bits}`);
  await run('ssh-keygen', [
    '-q',
    '-t',
    type,
    ...(bits === '' ? [] : ['-b', bits]),
    '-N',
    '',
    '-C',
    'a b',
    '-f',
    path,
  ]);
  return path;
}

describe('public keys of OpenSSH', () => {
  test.each([
    ['ed25519', ''],
    ['ecdsa', '256'],
    ['ecdsa', '384'],
    ['ecdsa', '521'],
    ['rsa', '2048'],
    ['rsa', '3072'],
  ])('%s %s', async (type, bits) => {
    const path = await make(type, bits);
    const text = await readFile(`${path}.pub`, 'utf8');
    const listed = (await run('ssh-keygen', ['-l', '-f', path])).stdout.split(' ')[1];
    expect(readSshKey(text)).toMatchObject({ kind: 'key', comment: 'a b', key: { fingerprint: listed } });
    const [name = '', blob = ''] = text.split(' ');
    const damaged = Buffer.from(blob, 'base64').subarray(0, -3).toString('base64');
    expect(readSshKey(`${name} ${damaged}`)).toMatchObject({ kind: 'refused' });
    expect(readSshKey(`ssh-ed25519 ${type === 'ed25519' ? damaged : blob}`)).toMatchObject({
      kind: 'refused',
    });
  });

  test('that are weak, private or something else are refused', async () => {
    const weak = await make('rsa', '1024');
    expect(readSshKey(await readFile(`${weak}.pub`, 'utf8'))).toEqual({
      ...{ kind: 'refused', why: expect.stringContaining('1024 bits is too weak') },
    });
    expect(readSshKey(await readFile(weak, 'utf8'))).toEqual({
      ...{ kind: 'refused', why: expect.stringContaining('private key') },
    });
    for (const text of ['', 'x', 'ssh-dss AAAA', `sk-ssh-ed25519@openssh.com ${'A'.repeat(60)}`, 'a\nb']) {
      expect(readSshKey(text)).toMatchObject({ kind: 'refused' });
    }
  });
});
