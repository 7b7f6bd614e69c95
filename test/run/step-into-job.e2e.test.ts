import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BASE_IMAGE, buildImage, docker, requireEngine } from '../docker/docker-world.ts';
import { type CommandResult, command, output } from '../world/command.ts';
import { openTerminal, type TerminalSession } from '../world/terminal-session.ts';

/** A run keeps the jobs that failed; `slipway shell` goes where each ran, with its files, variables and services. */

const slipway = join(import.meta.dirname, '../../bin/slipway');
const IMAGE = 'slipway-test/with-entrypoint:latest';
let repository: string;
let state: string;

beforeAll(async () => {
  await requireEngine();
  const entrypoint = '#!/bin/sh\\nexport FROM_ENTRYPOINT=yes\\nexec "$@"\\n';
  await buildImage(
    IMAGE,
    `RUN printf '${entrypoint}' > /entrypoint && chmod 755 /entrypoint`,
    'ENTRYPOINT ["/entrypoint"]',
  );
  repository = await mkdtemp(join(tmpdir(), 'slipway-step-into-'));
  state = await mkdtemp(join(tmpdir(), 'slipway-state-'));
  await writeFile(
    join(repository, '.gitlab-ci.yml'),
    `
variables: {GREETING: hello}
.failing:
  script: [echo built > out.txt, chmod 755 out.txt, ln -s /etc/passwd link, echo x > .git/made-by-the-job, exit 3]
on-this-machine: {extends: .failing}
in a container:
  extends: .failing
  image: "${IMAGE}"
  services: [{name: "${BASE_IMAGE}", alias: helper, command: [sleep, "1000"]}]
passing: {script: [echo fine > fine.txt]}
`,
  );
  await writeFile(join(repository, 'variables.json'), JSON.stringify({ TOKEN: 'a-secret-token' }));
  await output('git', ['init', '--quiet', '--initial-branch=main'], { cwd: repository });
  await output('git', ['add', '.gitlab-ci.yml'], { cwd: repository });
  const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  await output('git', [...author, 'commit', '--quiet', '--message', 'First'], { cwd: repository });
  const run = await runSlipway('run', '--plain', '--keep', '--var-file', 'variables.json');
  expect(run.exitCode, run.stdout + run.stderr).toBe(1);
  expect(run.stdout).toMatch(/Kept until the next run, to step into: .*slipway shell on-this-machine/);
  expect(run.stdout).toContain("slipway shell 'in a container'");
  expect(run.stdout).not.toContain('slipway shell passing');
});

afterAll(async () => {
  await Promise.all([repository, state].map((path) => rm(path, { recursive: true, force: true })));
});

describe.each(['on-this-machine', 'in a container'])('the job %s', (job) => {
  test('is as its script left it, with its variables', async () => {
    const look = [
      'pwd; echo "$CI_PROJECT_DIR"; cat out.txt .git/made-by-the-job; readlink link',
      'test -x out.txt && echo "$GREETING $TOKEN $CI_JOB_NAME"; exit 5',
    ].join('; ');
    const visit = await runSlipway('shell', job, '--', 'sh', '-c', look);
    const project = /^(\/builds\/.*)\n\1\n/.exec(visit.stdout)?.[0] ?? '';
    expect(project, visit.stdout + visit.stderr).not.toBe('');
    expect(visit.stdout.slice(project.length)).toBe(`built\nx\n/etc/passwd\nhello a-secret-token ${job}\n`);
    expect(visit.exitCode).toBe(5);
  });

  test('keeps what a visitor changes for the next one, and nothing else', async () => {
    const change = 'cat > typed.txt; echo x > /tmp/elsewhere; echo oops >&2';
    const visit = await runWith({ input: 'from a pipe' }, 'shell', job, '--', 'sh', '-c', change);
    expect(visit).toMatchObject({ exitCode: 0, stdout: '' });
    expect(visit.stderr).toContain('oops\n');
    const look = await runSlipway('shell', job, '--', 'sh', '-c', 'cat typed.txt; ls /tmp');
    expect(look.stdout).toBe('from a pipe');
  });

  test('on a terminal gives it to a shell, keys and all, and takes it back as it was', async () => {
    const settings = "stty -a | tr ';' '\\n' | grep -v speed";
    const around = `before=$(${settings}); "${slipway}" shell "$JOB"; echo "code $?";
      [ "$before" = "$(${settings})" ] && echo restored; read -r line; echo "read $line"`;
    const session = open(around, job);
    try {
      await session.sees(`[${job}] `);
      session.type('echo "$GREETING $((40 + 2))"\r');
      await session.sees('hello 42');
      // Its own word that it runs: until then the keys are the shell's to read.
      session.type(`sh -c 'echo wai""ting; sleep 1000'\r`);
      await session.sees('waiting');
      session.type('\x03');
      await session.sees(`[${job}] `);
      session.type('[ -t 0 ] && [ -t 1 ] && echo "still $TERM"\r');
      await session.sees('still xterm');
      session.type('exit 7\r');
      await session.sees('code 7');
      await session.sees('restored');
      session.type('more\r');
      await session.sees('read more');
      await session.ended;
    } finally {
      await session[Symbol.asyncDispose]();
    }
  });

  test('on a terminal leaves Ctrl-C to a command, too', async () => {
    const script = `trap 'echo heard; exit 9' INT; echo waiting; while :; do sleep 0.02; done`;
    const session = open(
      `"${slipway}" shell "$JOB" -- sh -c '${script.replaceAll("'", "'\\''")}'; echo "code $?"`,
      job,
    );
    try {
      await session.sees('waiting');
      session.type('\x03');
      await session.sees('heard');
      await session.sees('code 9');
      await session.ended;
    } finally {
      await session[Symbol.asyncDispose]();
    }
  });

  test('lets nobody in while somebody is', async () => {
    const session = open(`"${slipway}" shell "$JOB"`, job);
    try {
      await session.sees(`[${job}] `);
      const second = await runSlipway('shell', job, '--', 'true');
      expect(second).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('[kept-job-in-use]') });
      session.type('exit\r');
      await session.ended;
    } finally {
      await session[Symbol.asyncDispose]();
    }
    expect((await runSlipway('shell', job, '--', 'true')).exitCode).toBe(0);
  });
});

test('the container has what the entrypoint exported, and its services', async () => {
  const look = 'echo "$FROM_ENTRYPOINT"; ping -c 1 -q helper > /dev/null && echo reached';
  const visit = await runSlipway('shell', 'in a container', '--', 'sh', '-c', look);
  expect(visit.stdout).toBe('yes\nreached\n');
  const left = await docker(
    'ps',
    '--all',
    '--quiet',
    '--filter',
    'label=dev.slipway.job-name=in a container',
  );
  expect(left).toBe('');
});

test("a job of this machine has git's objects", async () => {
  const machine = await runSlipway('shell', 'on-this-machine', '--', 'git', 'log', '--format=%s');
  expect(machine.stdout).toBe('First\n');
});

test('what was kept is for its owner only', async () => {
  const scratch = join(state, 'state', 'slipway', 'scratch');
  const files = await readdir(scratch, { recursive: true });
  const records = files.filter((name) => name.endsWith('job.json'));
  expect(records).toHaveLength(2);
  for (const name of records) expect((await stat(join(scratch, name))).mode & 0o777).toBe(0o600);
  for (const name of await readdir(scratch))
    expect((await stat(join(scratch, name))).mode & 0o777).toBe(0o700);
});

test('a job that is not kept is told so, until it is named with --keep; the next run removes everything', async () => {
  expect(await runSlipway('shell', 'passing', '--', 'true')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/\[no-kept-job\]\n.*slipway run passing --keep/),
  });
  expect((await runSlipway('run', 'passing', '--plain', '--keep')).exitCode).toBe(0);
  expect((await runSlipway('shell', 'passing', '--', 'cat', 'fine.txt')).stdout).toBe('fine\n');
  expect((await runSlipway('shell', 'on-this-machine', '--', 'true')).stderr).toContain('[no-kept-job]');
  await runSlipway('run', 'passing', '--plain');
  expect(await readdir(join(state, 'state', 'slipway', 'scratch'))).toEqual([]);
});

function open(commandLine: string, job: string): TerminalSession {
  return openTerminal(commandLine, { cwd: repository, env: { ...environment(), JOB: job } });
}

function runSlipway(...args: readonly string[]): Promise<CommandResult> {
  return runWith({}, ...args);
}

function runWith(options: { readonly input?: string }, ...args: readonly string[]): Promise<CommandResult> {
  return command(slipway, args, { ...options, cwd: repository, env: environment() });
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, XDG_STATE_HOME: join(state, 'state'), XDG_CACHE_HOME: join(state, 'cache') };
}
