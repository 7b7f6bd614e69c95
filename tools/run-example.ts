import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * What `make run` does: starts a server with a runner, makes the example's project, pushes examples/fibonacci to it, and
 * shows its pipeline live. Ctrl-C stops all of it; started again, all is still there. The last argument,
 * `--var-file=FILE`, has the project's CI settings; without it only the jobs that need none can pass.
 */
const root = join(import.meta.dirname, '..');
const slipway = join(root, 'bin/slipway');
const state = join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local/state'), 'slipway', 'example');
const data = join(state, 'server');
const PROJECT = 'examples/fibonacci';
const PORT = process.env.PORT ?? '8800';
const address = `http://127.0.0.1:${PORT}`;

const settings = process.argv
  .find((argument) => argument.startsWith('--var-file='))
  ?.slice('--var-file='.length);
const executor = settings === undefined ? 'shell' : 'docker';
let isStopped = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    isStopped = true;
  });
}

const server = start(['up', '--data', data, '--port', PORT, '--executor', executor, '--log-level', 'warn']);
const ended = once(server, 'exit');
try {
  await untilItAnswers();
  const environment = { SLIPWAY_SERVER: address, SLIPWAY_TOKEN: await adminToken() };
  await makeProject(environment);
  await push();
  await follow(environment);
  if (!isStopped)
    process.stdout.write('\nThe server stays up. Ctrl-C stops it; started again, all is still there.\n');
} catch (error) {
  isStopped = true;
  process.exitCode = 1;
  process.stderr.write(`make run: ${error instanceof Error ? error.message : String(error)}\n`);
}
if (isStopped) server.kill('SIGTERM');
await ended;

function start(args: readonly string[], environment: Record<string, string> = {}): ChildProcess {
  return spawn(slipway, args, { stdio: 'inherit', env: { ...process.env, ...environment } });
}

async function untilItAnswers(): Promise<void> {
  while (!isStopped && server.exitCode === null) {
    const answer = await fetch(`${address}/-/health`).catch(() => null);
    if (answer?.ok === true) return;
    await pause(100);
  }
}

async function adminToken(): Promise<string> {
  return (await readFile(join(data, 'admin.token'), 'utf8')).trim();
}

type Environment = Readonly<Record<string, string>>;

/** The project with its CI settings, as somebody would fill them in; what is there already is set again. */
async function makeProject({ SLIPWAY_TOKEN: token = '' }: Environment): Promise<void> {
  async function call(method: string, path: string, body: object): Promise<number> {
    const answer = await fetch(`${address}/api/v4${path}`, {
      method,
      headers: { 'PRIVATE-TOKEN': token, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const said = await answer.text();
    const isThere = answer.status === 400 && said.includes('taken');
    if (!answer.ok && !isThere) throw new Error(`${method} ${path}: ${said}`);
    return answer.status;
  }
  await call('POST', '/projects', { name: 'fibonacci', path: 'fibonacci', namespace_path: 'examples' });
  if (settings === undefined) return;
  const variables: Readonly<Record<string, Setting>> = JSON.parse(await readFile(settings, 'utf8'));
  const base = `/projects/${encodeURIComponent(PROJECT)}/variables`;
  for (const [key, { value, masked, file }] of Object.entries(variables)) {
    // What has several lines cannot be masked in a log that comes line by line; GitLab refuses it, too.
    const isMasked = masked && !value.includes('\n');
    const body = { value, masked: isMasked, variable_type: file ? 'file' : 'env_var', raw: true };
    if ((await call('POST', base, { key, ...body })) === 400) await call('PUT', `${base}/${key}`, body);
  }
}

/** As the test world writes its settings. */
interface Setting {
  readonly value: string;
  readonly masked: boolean;
  readonly file: boolean;
}

/** As somebody would who has a copy of the example: a new commit each time, so that there is something to push. */
async function push(): Promise<void> {
  const copy = join(state, 'working-copy');
  await mkdir(copy, { recursive: true });
  await cp(join(root, 'examples/fibonacci'), copy, { recursive: true });
  const url = new URL(`${address}/${PROJECT}.git`);
  url.username = 'root';
  url.password = await adminToken();
  await git(copy, 'init', '--quiet', '--initial-branch=main');
  await git(copy, 'add', '--all');
  const author = ['-c', 'user.name=Example', '-c', 'user.email=example@localhost'];
  await git(copy, ...author, 'commit', '--quiet', '--allow-empty', '-m', 'Compute Fibonacci numbers');
  await git(copy, 'push', '--force', url.href, 'HEAD:main');
}

async function git(folder: string, ...args: readonly string[]): Promise<void> {
  const child = spawn('git', ['-C', folder, ...args], { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`git ${args[0]} failed`);
}

/** The pipeline of that push, until it is over. */
async function follow(environment: Environment): Promise<void> {
  const project = encodeURIComponent(PROJECT);
  const newest = await fetch(`${address}/api/v4/projects/${project}/pipelines/latest?ref=main`, {
    headers: { 'PRIVATE-TOKEN': environment.SLIPWAY_TOKEN ?? '' },
  });
  const { id }: { readonly id: number } = JSON.parse(await newest.text());
  const watch = start(['pipeline', 'watch', String(id), '--project', PROJECT], environment);
  await once(watch, 'exit');
}
