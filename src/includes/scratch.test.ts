import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const PROGRAM = `
const { scratchFolder } = await import(process.argv[1]);
const { runGitOverNetwork } = await import(process.argv[2]);
const folder = scratchFolder();
process.stdout.write(folder);
await runGitOverNetwork({
  folder, args: ['ls-remote', process.argv[3]], protocol: 'http', config: [], secrets: {},
  environment: process.env, timeLimitMs: 60_000,
});
`;

test('a command that is ended while it fetches leaves no folder and no git behind', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : null;
  const modules = [
    join(import.meta.dirname, 'scratch.ts'),
    join(import.meta.dirname, '../base/git-network.ts'),
  ];
  const asked = once(server, 'connection');
  const child = spawn(
    process.execPath,
    ['--input-type=module', '--eval', PROGRAM, ...modules, `http://127.0.0.1:${port}/g/n.git`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    const [[folder], [socket]] = await Promise.all([once(child.stdout, 'data'), asked]);
    expect(existsSync(String(folder))).toBe(true);
    const gitLeft = once(socket.resume(), 'close');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
    expect(existsSync(String(folder))).toBe(false);
    await gitLeft;
  } finally {
    child.kill('SIGKILL');
    server.close();
  }
});
