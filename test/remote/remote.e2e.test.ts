import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commitProject, gitIn } from '../../src/cli/test-support/call-program.ts';

/** The commands as processes, against a server that is one: with jobs that its own runner takes. */

let base = '';
let server: ChildProcess;
let address = '';
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'slipway-remote-'));
  server = start(['up', '--port', '0', '--executor', 'shell', '--log-level', 'error'], base);
  address = await lineWith(server, /Slipway is up: (\S+)/);
  expect(await slipway(base, 'project', 'create', 'team/app')).toMatchObject({ code: 0 });
}, 60_000);
afterAll(async () => {
  server.kill('SIGTERM');
  await once(server, 'exit');
  await rm(base, { recursive: true, force: true });
});

const PIPELINE = `
build:
  script: [cat new.txt, 'test "$MODE" != bad']
  artifacts: { paths: [new.txt] }
later:
  when: manual
  script: ['echo "$WHERE"']
`;

test('the working tree is pushed, uncommitted changes included, and nothing of it changes', async () => {
  const folder = await project('push');
  await writeFile(join(folder, 'new.txt'), 'uncommitted\n');
  await writeFile(join(folder, '.gitignore'), 'ignored\n');
  await writeFile(join(folder, 'ignored'), 'x');
  await writeFile(join(folder, 'staged.txt'), 'x');
  await writeFile(join(folder, '-rf \u001b[31m.txt'), 'x');
  await symlink('/etc/passwd', join(folder, 'link'));
  gitIn(folder, 'add', 'staged.txt');
  const before = stateOf(folder);

  const pushed = await slipway(folder, 'push', '--plain');
  expect(pushed.stdout).toContain('uncommitted');
  expect(pushed.stdout).toMatch(/Pipeline passed in .*: 1 passed, 1 manual/);
  expect(pushed.code).toBe(0);
  expect(stateOf(folder)).toBe(before);
  expect(await remoteRefs()).not.toContain('slipway-push');

  const failed = await slipway(folder, 'push', '--var', 'MODE=bad', '--json');
  expect(failed.code).toBe(1);
  const events = failed.stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'job-status', job: 'build', status: 'failed' }),
  );

  await writeFile(join(folder, '.gitlab-ci.yml'), 'build:\n  scripts: [make]\n');
  const invalid = await slipway(folder, 'push');
  expect(invalid).toMatchObject({ code: 2, stderr: expect.stringMatching(/\.gitlab-ci\.yml:2:3/) });
  expect(await remoteRefs()).not.toContain('slipway-push');
});

test('Ctrl-C cancels what was pushed, and takes the branch away', async () => {
  const folder = await project('interrupted');
  await writeFile(join(folder, '.gitlab-ci.yml'), 'build:\n  script: [echo begun, sleep 600]\n');
  const pushing = start(['push', '--plain'], folder);
  await lineWith(pushing, /(begun)/);
  pushing.kill('SIGINT');
  const [code] = await once(pushing, 'exit');
  expect(code).toBe(130);
  const [newest] = await json(folder, 'pipeline', 'list', '--limit', '1');
  expect(newest).toMatchObject({ status: 'canceled' });
  expect(await remoteRefs()).not.toContain('slipway-push');
});

test('a pipeline is started, watched, its manual job played, its log read and its artifacts fetched', async () => {
  const folder = await project('watch');
  await writeFile(join(folder, 'new.txt'), 'made\n');
  gitIn(folder, 'add', '-A');
  gitIn(folder, 'commit', '-q', '-m', 'two');
  gitIn(folder, 'push', '-q', '-o', 'ci.skip', await withToken(), '+HEAD:refs/heads/main');
  const run = await slipway(folder, 'pipeline', 'run', 'main', '--var', 'MODE=good', '--watch', '--plain');
  expect(run.stdout).toContain('build | made');
  expect(run.code).toBe(0);
  const seen: unknown = JSON.parse((await slipway(folder, 'pipeline', 'view', '--json')).stdout);
  expect(seen).toMatchObject({
    status: 'success',
    jobs: [{ name: 'build', status: 'success' }, { name: 'later' }],
  });
  const ids = idsOf(seen);
  expect(await slipway(folder, 'job', 'log', ids[0] ?? '')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('made'),
  });
  expect(await slipway(folder, 'job', 'play', ids[1] ?? '', '--var', 'WHERE=there')).toMatchObject({
    code: 0,
  });
  const followed = await slipway(folder, 'job', 'log', ids[1] ?? '', '--follow');
  expect(followed).toMatchObject({ code: 0, stdout: expect.stringContaining('\nthere\n') });
  expect(
    await slipway(folder, 'job', 'artifacts', ids[0] ?? '', '--file', 'new.txt', '-o', 'got.txt'),
  ).toMatchObject({
    code: 0,
  });
  expect(await readFile(join(folder, 'got.txt'), 'utf8')).toBe('made\n');
  expect(await slipway(folder, 'pipeline', 'watch', '--plain')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Pipeline passed'),
  });
});

test('child pipelines are shown below the jobs that start them', async () => {
  const folder = await project('child');
  await writeFile(
    join(folder, '.gitlab-ci.yml'),
    'start:\n  trigger: { include: child.yml, strategy: depend }\n',
  );
  await writeFile(join(folder, 'child.yml'), 'inner:\n  script: [echo from the child]\n');
  const pushed = await slipway(folder, 'push', '--plain');
  expect(pushed.stdout).toMatch(/start \/ inner \| from the child/);
  expect(pushed.stdout).toMatch(/Pipeline passed/);
  expect(pushed.code).toBe(0);
});

test('a schedule is made with its variables, started by hand, paused and deleted', async () => {
  const folder = await project('schedule');
  await writeFile(join(folder, '.gitlab-ci.yml'), 'nightly:\n  script: [\'echo "$SCOPE"\']\n');
  gitIn(folder, 'commit', '-q', '-am', 'nightly');
  gitIn(folder, 'push', '-q', '-o', 'ci.skip', await withToken(), '+HEAD:refs/heads/nightly');
  const zone = ['--timezone', 'Europe/Berlin', '--ref', 'nightly', '--var', 'SCOPE=all'];
  const [made] = await json(folder, 'schedule', 'create', 'every night', '--cron', '0 3 * * *', ...zone);
  expect(made).toMatchObject({ active: true, cron_timezone: 'Europe/Berlin' });
  const id = typeof made === 'object' && made !== null && 'id' in made ? String(made.id) : '';
  expect(await slipway(folder, 'schedule', 'run', id)).toMatchObject({ code: 0 });
  await expect
    .poll(() => json(folder, 'pipeline', 'list', '--ref', 'nightly'), { timeout: 30_000, interval: 200 })
    .toMatchObject([{ source: 'schedule' }]);
  expect(await slipway(folder, 'schedule', 'pause', id)).toMatchObject({
    stdout: `Schedule ${id}: paused\n`,
  });
  expect(await slipway(folder, 'schedule', 'delete', id)).toMatchObject({ code: 0 });
  expect(await json(folder, 'schedule', 'list')).toEqual([]);
});

test('variables come from standard input alone, and are never shown', async () => {
  const folder = await project('variables');
  expect(await slipway(folder, 'variable', 'set', 'KEY', 'secret-text')).toMatchObject({
    code: 2,
    stderr: expect.not.stringContaining('secret-text'),
  });
  expect(await withInput('secret-text\n', folder, 'variable', 'set', 'KEY', '--masked')).toMatchObject({
    code: 0,
  });
  const listed = await slipway(folder, 'variable', 'list');
  expect(listed.stdout).toMatch(/KEY +\* +masked/);
  expect(listed.stdout).not.toContain('secret-text');
  expect(await slipway(folder, 'variable', 'remove', 'KEY')).toMatchObject({ code: 0 });
  expect(await json(folder, 'variable', 'list')).toEqual([]);
});

test('a token lets in where it is good for, and nowhere after it was revoked', async () => {
  const folder = await project('tokens');
  const made = await slipway(
    folder,
    'token',
    'create',
    'bot',
    '--project',
    'team/app',
    '--scope',
    'read_api',
  );
  const file = join(folder, 'token');
  await writeFile(file, made.stdout);
  const asBot = (...args: readonly string[]) => slipway(folder, ...args, '--token-file', 'token');
  expect(await asBot('pipeline', 'list')).toMatchObject({ code: 0 });
  expect(await asBot('variable', 'list')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('[not-authorized]'),
  });
  const [token] = await json(folder, 'token', 'list', '--project', 'team/app');
  const id = typeof token === 'object' && token !== null && 'id' in token ? String(token.id) : '';
  expect(await slipway(folder, 'token', 'revoke', id, '--project', 'team/app')).toMatchObject({ code: 0 });
  expect(await asBot('pipeline', 'list')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('[not-authorized]'),
  });
});

test('what cannot be is said in one line', async () => {
  const folder = await project('wrong');
  const fails = async (code: string, ...args: readonly string[]) =>
    expect((await slipway(folder, ...args)).stderr).toContain(`[${code}]`);
  await fails('not-confirmed', 'project', 'delete', 'team/app');
  await fails('not-on-server', 'pipeline', 'view', '1', '-p', 'team/none');
  await fails('no-token', 'project', 'list', '--server', 'http://127.0.0.1:1');
  await fails('bad-server-address', 'project', 'list', '--server', 'ftp://x');
  await writeFile(join(folder, 'token'), 'glpat-x');
  await fails('server-away', 'project', 'list', '--server', 'http://127.0.0.1:1', '--token-file', 'token');
  await fails(
    'answer-not-understood',
    'project',
    'list',
    '--server',
    `${address}/-/health?`,
    '--token-file',
    'token',
  );
  await fails('no-repository', 'push', '-p', 'team/app');
});

interface Called {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[], folder: string): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, '../../src/cli/main.ts'), ...args], {
    cwd: folder,
    env: {
      ...process.env,
      SLIPWAY_DATA: join(base, 'data'),
      NO_COLOR: '1',
      CI: '',
      GIT_CEILING_DIRECTORIES: base,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

function slipway(folder: string, ...args: readonly string[]): Promise<Called> {
  return withInput('', folder, ...args);
}

async function withInput(input: string, folder: string, ...args: readonly string[]): Promise<Called> {
  const child = start(args, folder);
  child.stdin?.end(input);
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code] = await once(child, 'close');
  return { code: typeof code === 'number' ? code : null, stdout, stderr };
}

async function json(folder: string, ...args: readonly string[]): Promise<readonly unknown[]> {
  const { stdout } = await slipway(folder, ...args, '--json');
  const value: unknown = JSON.parse(stdout);
  return Array.isArray(value) ? value : [value];
}

/** What a pattern finds in the output of a process, as soon as it is there. */
function lineWith(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const look = (chunk: Buffer) => {
      text += chunk.toString();
      const found = pattern.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('exit', () => reject(new Error(`It ended before it said so:\n${text}`)));
  });
}

/** A repository whose remote leads to the project. */
async function project(name: string): Promise<string> {
  const folder = join(base, name);
  await mkdir(folder, { recursive: true });
  if (name === 'wrong') return folder;
  await commitProject(folder, { '.gitlab-ci.yml': PIPELINE });
  gitIn(folder, 'remote', 'add', 'ci', `${address}/team/app.git`);
  return folder;
}

async function withToken(): Promise<string> {
  const url = new URL(`${address}/team/app.git`);
  url.username = 'test';
  url.password = (await readFile(join(base, 'data', 'admin.token'), 'utf8')).trim();
  return url.href;
}

async function remoteRefs(): Promise<string> {
  return gitIn(base, 'ls-remote', await withToken());
}

/** All that a push must leave as it was. */
function stateOf(folder: string): string {
  return [
    gitIn(folder, 'status', '--porcelain'),
    gitIn(folder, 'for-each-ref'),
    gitIn(folder, 'stash', 'list'),
    gitIn(folder, 'ls-files', '--stage'),
    gitIn(folder, 'count-objects'),
  ].join('\n');
}

function idsOf(seen: unknown): readonly string[] {
  const jobs = typeof seen === 'object' && seen !== null && 'jobs' in seen ? seen.jobs : [];
  return Array.isArray(jobs) ? jobs.map(({ id }) => String(id)) : [];
}
