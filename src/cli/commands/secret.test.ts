import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Called, callProgram, commitProject } from '../test-support/call-program.ts';

const BUILDSPEC = `version: 0.2
env:
  secrets-manager: {TOKEN: "/app/token"}
phases:
  build:
    commands: ['test "$TOKEN" = "of this project" && echo "<$TOKEN>"']
`;

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-secret-'));
  await commitProject(join(root, 'one'), { 'buildspec.yml': BUILDSPEC });
  await commitProject(join(root, 'two'), { 'buildspec.yml': BUILDSPEC });
});
afterEach(() => rm(root, { recursive: true }));

test('what is set is listed without its value, given to jobs, and removed', async () => {
  expect(await secret('one', ['set', '/app/token'], 'of this project\n')).toEqual(SILENT);
  expect(await secret('one', ['set', 'other'], 'x')).toEqual(SILENT);
  expect(await secret('one', ['list'])).toEqual({ ...SILENT, stdout: '/app/token\nother\n' });
  const run = await call('one', ['run', '--plain']);
  expect(run.exitCode, run.stdout + run.stderr).toBe(0);
  expect(run.stdout).toContain('<[MASKED]>');
  expect(await secret('one', ['remove', 'other'])).toEqual(SILENT);
  expect(await secret('one', ['list'])).toEqual({ ...SILENT, stdout: '/app/token\n' });
  expect(await secret('one', ['remove', 'other'])).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: 'There is no secret "other".\n',
  });
});

test('each project has its own, wherever in it the command is called', async () => {
  await secret('one', ['set', 'token', '--repository', join(root, 'two')], 'of two');
  expect((await secret('one', ['list'])).stdout).toBe('');
  expect((await secret('two/.git/..', ['list'])).stdout).toBe('token\n');
});

test('files are for their owner alone, and none is in the repository', async () => {
  await secret('one', ['set', 'token'], 'a-value');
  const found = await filesBelow(join(root, 'state'));
  expect(found.map(({ mode }) => mode)).toEqual([0o600]);
  expect(found[0]?.text).toContain('a-value');
  expect((await readdir(join(root, 'one'))).sort()).toEqual(['.git', 'buildspec.yml']);
});

test.each([
  '../../x',
  '__proto__',
  '/a b/\'"$(date)`',
  '--',
  'ü密🔑',
  'x'.repeat(2048),
  'arn:aws:secretsmanager:eu-west-3:1:secret:a-b',
])('a secret may be called %j', async (name) => {
  expect(await secret('one', ['set', '--', name], 'value')).toEqual(SILENT);
  expect((await secret('one', ['list'])).stdout).toBe(`${name}\n`);
  expect(await secret('one', ['remove', '--', name])).toEqual(SILENT);
  expect((await secret('one', ['list'])).stdout).toBe('');
});

test.each([
  ['', 'The name of a secret is one line'],
  ['a\nb', 'The name of a secret is one line'],
  ['a\u001b[2J', 'The name of a secret is one line'],
  ['x'.repeat(2049), 'The name of a secret is one line'],
])('no secret is called %j', async (name, message) => {
  const { exitCode, stderr } = await secret('one', ['set', '--', name], 'value');
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
});

test.each([
  ['nothing', '', 'cannot be empty'],
  ['a line end', '\n', 'cannot be empty'],
  ['64 KiB and one byte', 'x'.repeat(65_537), 'at most 64 KiB'],
])('%s is no value', async (_what, value, message) => {
  const { exitCode, stderr } = await secret('one', ['set', 'name'], value);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
  expect((await secret('one', ['list'])).stdout).toBe('');
});

test('a value is never taken from an argument, and not repeated when somebody tries', async () => {
  const { exitCode, stdout, stderr } = await secret('one', ['set', 'name', 'my-password'], '');
  expect(exitCode).toBe(2);
  expect(stdout + stderr).not.toContain('my-password');
});

test('other commands do not take more than they know', async () => {
  expect(await secret('one', ['remove', 'a', 'b'])).toMatchObject({ exitCode: 2 });
  expect(await secret('one', ['list', 'a'])).toMatchObject({ exitCode: 2 });
});

test('a person at a terminal is asked, and what they type is not shown', async () => {
  const terminal = Object.assign(new PassThrough(), { isTTY: true });
  terminal.end('of this project\r');
  const { exitCode, stdout, stderr } = await call('one', ['secret', 'set', '/app/token'], terminal);
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 0,
    stdout: '',
    stderr: 'Value of /app/token: \n',
  });
  expect((await call('one', ['run', '--plain'])).exitCode).toBe(0);
});

test('a job whose secret is not there says how to set it, and that AWS can be asked', async () => {
  const { exitCode, stdout } = await call('one', ['run', '--plain']);
  expect(exitCode).toBe(1);
  expect(stdout).toContain(
    'Set it with: slipway secret set /app/token, or have AWS asked for it: slipway run --aws-secrets',
  );
});

const SILENT: Called = { exitCode: 0, stdout: '', stderr: '' };

function secret(folder: string, args: readonly string[], input = ''): Promise<Called> {
  return call(folder, ['secret', ...args], Readable.from([Buffer.from(input)]));
}

function call(folder: string, args: readonly string[], stdin?: Readable): Promise<Called> {
  const environment = { XDG_STATE_HOME: join(root, 'state'), XDG_CACHE_HOME: join(root, 'cache') };
  return callProgram(join(root, folder), args, environment, stdin);
}

async function filesBelow(folder: string) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => ({
        mode: (await stat(join(parentPath, name))).mode & 0o777,
        text: await readFile(join(parentPath, name), 'utf8'),
      })),
  );
}
