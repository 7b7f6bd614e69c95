import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { callProgram } from '../test-support/call-program.ts';

test.each([
  ['a folder that is empty', ['--data', '']],
  ['an address that is none', ['--data', 'x', '--url', 'foo']],
  ['an address with a question', ['--data', 'x', '--url', 'https://ci.example.com/?a']],
  ['a port that is none', ['--data', 'x', '--port', '70000']],
])('a server does not start with %s, and leaves nothing', async (_what, options) => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-server-options-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const called = await callProgram(folder, ['server', ...options]);
  expect(called.stderr).toMatch(/\[(bad-option|port-invalid)\]/);
  expect(called.exitCode).not.toBe(0);
  expect(await readdir(folder)).toEqual([]);
});
