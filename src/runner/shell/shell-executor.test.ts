import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, lstat, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, homedir, hostname, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobSpec } from '../../protocol/index.ts';
import { describeExecutorContract, recordingLog } from '../executor.contract.ts';
import type { Executor, JobEnvironment } from '../executor.ts';
import { removeTree } from '../folder/remove-tree.ts';
import { describeSharedJobs, type SharedJob } from '../shared-jobs.contract.ts';
import { processLimit } from './sandbox/process-limit.ts';
import { createShellExecutor } from './shell-executor.ts';

let root: string;
let count = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-shell-'));
});
afterAll(() => removeTree(root));

const possible =
  (await createShellExecutor({ sandbox: 'auto', scratchRoot: tmpdir() }).layersWorkspaces?.()) ?? false;

if (!possible) {
  it('in a sandbox', (context) => context.skip('needs a machine that allows namespaces: this one does not'));
}

describe.runIf(possible)('the shell executor in a sandbox', () => {
  describeExecutorContract({ prepare: () => prepare('auto'), isolates: true });
  describeSharedJobs({ ...sharing('auto'), showsPaths: true });

  it.each([
    { harm: 'replaces a program of the system', script: 'echo broken > /usr/bin/env; rm -rf /etc/hosts' },
    { harm: 'empties /tmp', script: 'rm -rf /tmp/* /tmp/.[!.]*' },
    { harm: 'empties every home', script: `rm -rf ~root/* "$HOME"/* ${homedir()}/* /home/*` },
  ])('a job that $harm harms nobody', async ({ script }) => {
    const precious = ['/usr/bin/env', '/etc/hosts', join(root, 'precious'), homedir()];
    await writeFile(join(root, 'precious'), 'x');
    const look = () => Promise.all(precious.map((path) => lstat(path)));
    const before = await look();
    expect(await run(await prepare('auto'), `${script}; exit 7`)).toMatchObject({ exitCode: 7 });
    expect((await look()).map(({ ino, mtimeMs }) => [ino, mtimeMs])).toEqual(
      before.map(({ ino, mtimeMs }) => [ino, mtimeMs]),
    );
  });

  it('does not show the folders it is made of, or the home of the person', async () => {
    const { output } = await run(await prepare('auto'), `ls -A ${homedir()} /tmp; ls ${root} 2>&1; true`);
    expect(output).toMatch(/No such file/);
    expect(output).not.toContain('layers');
  });

  it('cannot be ended from inside', async () => {
    const environment = await prepare('auto');
    const signals = ['KILL', 'TERM', 'INT', 'HUP', 'STOP', 'PIPE']
      .map((name) => `kill -${name} 1`)
      .join('; ');
    expect(await run(environment, `${signals}; kill -9 -1; exit 6`)).toMatchObject({ exitCode: 6 });
    expect(await run(environment, 'echo still here')).toMatchObject({ output: 'still here\n' });
  });

  it('ends with a job that forks without end', async () => {
    const environment = await prepare('auto');
    const bomb =
      'f() { [ $1 -gt 6 ] || { f $(($1+1)) & f $(($1+1)) & }; sleep 1000; }; f 0 & echo going; exit 5';
    expect(await run(environment, bomb)).toMatchObject({ kind: 'exited', exitCode: 5, output: 'going\n' });
    expect(await run(environment, 'ls -d /proc/[0-9]* | wc -l')).toMatchObject({ exitCode: 0 });
  });

  it('has room for a limited number of processes, and leaves the machine its own', async (context) => {
    const limit = processLimit(release(), availableParallelism());
    if (limit === null) return context.skip('needs Linux 6.14: before, there is no such limit');
    const machines = await readFile('/proc/sys/kernel/pid_max', 'utf8');
    const forks = `perl -e 'for (1..${limit + 10}) { my $p = fork; if (!defined $p) { print $_; exit } sleep 100 if !$p }'`;
    const { output } = await run(await prepare('auto'), forks);
    expect(Number(output)).toBeGreaterThan(limit / 2);
    expect(Number(output)).toBeLessThan(limit);
    expect(await readFile('/proc/sys/kernel/pid_max', 'utf8')).toBe(machines);
  });

  it('does not follow what a script left in place of its output', async () => {
    const environment = await prepare('auto');
    await run(
      environment,
      `rm ${environment.scratchDir}/.output; ln -s /etc/passwd ${environment.scratchDir}/.output`,
    );
    await expect(run(environment, 'echo again')).rejects.toThrow();
  });

  it.runIf(process.getuid?.() === 0)(
    'does not let root set the name or the clock of the machine',
    async () => {
      const environment = await prepare('auto');
      const { output } = await run(environment, 'hostname sandboxed; hostname; date -s @$(date +%s) 2>&1');
      expect(output).toMatch(/^sandboxed\n/);
      expect(output).toContain('cannot set date');
      expect(hostname()).not.toBe('sandboxed');
    },
  );

  it('leaves no mount, no process and no layer behind', async () => {
    const mounts = await ownMounts();
    const environment = await prepare('auto');
    await run(environment, 'setsid sleep 43210 & mount -t tmpfs none /mnt; echo x > /mnt/x');
    await environment[Symbol.asyncDispose]();
    expect(await ownMounts()).toEqual(mounts);
    expect(await readdir(join(root, String(count)))).toEqual(['lower', 'scratch', 'workspace']);
    expect(await commandLines()).not.toContain('sleep 43210');
  });

  it('ends with the process that started it, even when that one is killed', async () => {
    const folder = await mkdtemp(join(root, 'killed-'));
    for (const name of ['scratch', 'lower', 'workspace']) await mkdir(join(folder, name));
    const program = probeProgram(folder, 'setsid sleep 54321 & echo ready; wait');
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    expect(await commandLines()).toContain('sleep 54321');
    child.kill('SIGKILL');
    while ((await commandLines()).includes('sleep 54321'))
      await new Promise((resolve) => setImmediate(resolve));
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain(folder);
  });
});

describe.runIf(possible)('a shell executor that uses sandboxes again', () => {
  let executor: Executor;
  let folder: string;
  /** Of each job the folder that tells its sandbox from others. */
  let scratches: (string | undefined)[];
  beforeEach(async () => {
    scratches = [];
    folder = await mkdtemp(join(root, 'again-'));
    await mkdir(join(folder, 'lower'));
    executor = createShellExecutor({ sandbox: 'auto', scratchRoot: folder, reuse: 'when-untouched' });
  });
  afterEach(async () => {
    await executor[Symbol.asyncDispose]?.();
    expect(await readdir(folder)).toEqual(['lower']);
  });

  /** Runs the scripts of one job and answers with all they print. */
  async function runJob(...scripts: readonly string[]): Promise<string> {
    const environment = await executor.prepare({
      job,
      workspace: join(folder, 'workspace'),
      scratch: join(folder, 'scratch'),
      layer: { lower: join(folder, 'lower'), references: [] },
      log: recordingLog(),
      signal: new AbortController().signal,
    });
    scratches.push(environment.scratch);
    let output = '';
    for (const script of scripts) output += (await run(environment, script)).output;
    await environment[Symbol.asyncDispose]();
    return output;
  }

  it('shows a job the same files as one before it that left them alone', async () => {
    for (let count = 0; count < 3; count++) {
      expect(await runJob('setsid sleep 32145 & ls / /tmp', 'cat /etc/passwd')).toContain('root:');
    }
    expect(new Set(scratches).size).toBe(1);
    expect(await commandLines()).not.toContain('sleep 32145');
  });

  it.each([
    'touch /usr/file',
    'rm -f /etc/hosts',
    'mkdir /var/folder; rmdir /var/folder',
    'chmod 700 /',
    'touch /tmp/file',
    'mkdir ~/.config',
    'touch /dev/shm/file',
    'touch file',
    'mkdir .git',
    'mkdir ../project.tmp/folder',
    'rm ../project.tmp/.output',
  ])('shows a job fresh files after one that ran `%s`', async (script) => {
    await runJob(script);
    expect(
      await runJob('ls -A . /tmp /dev/shm ~; ls -A ../project.tmp | grep -v "^[.]"; cat /etc/hosts'),
    ).toBe(`.:\n\n/dev/shm:\n\n${homedir()}:\n\n/tmp:\n${await readFile('/etc/hosts', 'utf8')}`);
    expect(new Set(scratches).size).toBe(2);
  });

  it('shows no job what another has in memory or mounted', async () => {
    const look = 'ipcs -m | grep -c 0x; hostname; wc -l < /proc/mounts; set | grep -c LEFT';
    const before = await runJob(look);
    await runJob('ipcmk -M 100; mount -t tmpfs none /mnt; hostname changed; export LEFT=yes; LEFT=yes');
    expect(await runJob(look)).toBe(before);
  });

  it('does not use one again whose script was ended', async () => {
    const stop = new AbortController();
    const request = {
      job,
      workspace: '',
      scratch: '',
      layer: { lower: join(folder, 'lower'), references: [] },
    };
    const log = recordingLog();
    const { signal } = new AbortController();
    const environment = await executor.prepare({ ...request, log, signal });
    const running = environment.run({
      script: 'echo on; sleep 1000',
      log,
      signal: stop.signal,
      graceSeconds: 0,
    });
    while (!log.text().includes('on')) await new Promise((resolve) => setImmediate(resolve));
    await environment[Symbol.asyncDispose]();
    await running;
    expect(await runJob('echo next')).toBe('next\n');
  });
});

describe.runIf(possible && process.getuid?.() === 0)('the shell executor of an ordinary user', () => {
  it('sandboxes by a user namespace', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-user-'));
    for (const name of ['', 'scratch', 'lower', 'workspace']) {
      await mkdir(join(folder, name), { recursive: true });
      await chown(join(folder, name), 65534, 65534);
    }
    const program = probeProgram(
      folder,
      'id -u; pwd; touch file ~/file /usr/file 2>&1; umount /tmp 2>&1; ls -d /proc/[0-9]* | wc -l',
    );
    const user = ['--reuid=65534', '--regid=65534', '--clear-groups', '--'];
    const child = spawn('setpriv', [...user, process.execPath, '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, HOME: '/nonexistent' },
    });
    const output = (await child.stdout.setEncoding('utf8').toArray()).join('');
    expect(output).toMatch(/^65534\n\/builds\/a\/b\n/);
    expect(output).toMatch(/umount: .*superuser/);
    expect(output).toMatch(/\n[3-6]\ninteracting as 65534 in \/builds\/a\/b\n$/);
    expect(await readdir(folder)).toEqual(['lower', 'scratch', 'workspace']);
    await removeTree(folder);
  });
});

describe('the shell executor without a sandbox', () => {
  describeExecutorContract({ prepare: () => prepare('off'), isolates: false });
  describeSharedJobs({ ...sharing('off'), showsPaths: false });
});

/** A program that prepares one sandboxed job in `folder`, runs a script in it, and prints what the script prints. */
function probeProgram(folder: string, script: string): string {
  const module = new URL('./shell-executor.ts', import.meta.url).pathname;
  return `
    const { createShellExecutor } = await import(${JSON.stringify(module)});
    const folder = ${JSON.stringify(folder)};
    const signal = new AbortController().signal;
    const log = { async line(text) { console.log(text); }, async write(bytes) { process.stdout.write(bytes); } };
    const environment = await createShellExecutor({ sandbox: 'auto', scratchRoot: folder }).prepare({
      job: { projectPath: 'a/b', image: null, services: [] }, log, signal, scratch: folder + '/scratch', workspace: folder + '/workspace',
      layer: { lower: folder + '/lower', references: [] },
    });
    await environment.run({ script: ${JSON.stringify(script)}, log, signal, graceSeconds: 1 });
    const terminal = { input: { fd: 0 }, output: { fd: 1 }, error: { fd: 2 } };
    await environment.interact({ script: 'echo "interacting as $(id -u) in $(pwd)"', terminal, signal, graceSeconds: 1 });
    await environment[Symbol.asyncDispose]();`;
}

interface Outcome {
  readonly kind: string;
  readonly exitCode?: number;
  readonly output: string;
}

async function run(environment: JobEnvironment, script: string): Promise<Outcome> {
  const log = recordingLog();
  const signal = new AbortController().signal;
  const result = await environment.run({ script, log, signal, graceSeconds: 1 });
  return { ...result, output: log.text() };
}

/** The mounts of this machine, but for those of the engine's containers, which come and go. */
async function ownMounts(): Promise<readonly string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  return lines.filter((line) => !line.includes('/docker/'));
}

/** What runs on this machine, arguments separated by spaces, a line a process. */
async function commandLines(): Promise<string> {
  const numbers = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    numbers.map((number) => readFile(`/proc/${number}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.map((line) => line.replaceAll('\0', ' ').trim()).join('\n');
}

const executors = new Map<string, Executor>();

function executorOf(sandbox: 'auto' | 'off'): Executor {
  const executor = executors.get(sandbox) ?? createShellExecutor({ sandbox, scratchRoot: root });
  executors.set(sandbox, executor);
  return executor;
}

function sharing(sandbox: 'auto' | 'off') {
  const folder = () => mkdtemp(join(root, 'shared-'));
  return {
    folder,
    runsPrograms: false,
    prepare: async ({ job: part, workspace, volumes = [] }: SharedJob) =>
      await executorOf(sandbox).prepare({
        job: { ...job, ...part },
        workspace,
        volumes,
        scratch: await folder(),
        log: recordingLog(),
        signal: new AbortController().signal,
      }),
  };
}

async function prepare(sandbox: 'auto' | 'off'): Promise<JobEnvironment> {
  const executor = executorOf(sandbox);
  count += 1;
  const folder = join(root, String(count));
  const [scratch, workspace, lower] = ['scratch', 'workspace', 'lower'].map((name) => join(folder, name));
  for (const path of [scratch, workspace, lower]) await mkdir(String(path), { recursive: true });
  if (scratch === undefined || workspace === undefined || lower === undefined) throw new Error('no folders');
  return await executor.prepare({
    job,
    workspace,
    scratch,
    log: recordingLog(),
    signal: new AbortController().signal,
    ...(sandbox === 'auto' ? { layer: { lower, references: [] } } : {}),
  });
}

const job: JobSpec = {
  id: 1,
  name: 'job',
  stage: 'test',
  pipelineId: 1,
  projectPath: 'group/project',
  git: { sha: '0'.repeat(40), ref: 'main', refKind: 'branch' },
  variables: [],
  preGetSourcesScript: [],
  script: [],
  afterScript: [],
  image: null,
  services: [],
  caches: [],
  artifacts: [],
  dependencies: [],
  timeoutSeconds: 60,
  environment: null,
};
