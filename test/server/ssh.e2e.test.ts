import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startServerProcess } from './server-process.ts';

const run = promisify(execFile);

test('the command as it is installed serves git over SSH to a key that the API was given', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-ssh-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await run(process.execPath, [join(import.meta.dirname, '../../tools/build.ts')]);
  const port = await freePort();
  const place = { data: join(folder, 'data'), arguments: ['--ssh-port', String(port)] };
  const server = await startServerProcess(place, 'bundle');
  onTestFinished(() => server.stop());

  const key = join(folder, 'key');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const token = (await readFile(join(place.data, 'admin.token'), 'utf8')).trim();
  const added = await fetch(`${server.address}/api/v4/user/keys`, {
    method: 'POST',
    headers: { 'PRIVATE-TOKEN': token, 'Content-Type': 'application/json' },
    body: JSON.stringify({ title: 'laptop', key: await readFile(`${key}.pub`, 'utf8') }),
  });
  expect(added.status).toBe(201);
  const options = ['-F', '/dev/null', '-i', key, '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no'];
  const known = ['-o', `UserKnownHostsFile=${join(folder, 'known')}`, '-p', String(port)];
  const said = await run('ssh', [...options, ...known, '-T', 'git@127.0.0.1']);
  expect(said.stderr).toContain('Welcome to Slipway, Administrator.');
});

async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const bound = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}
