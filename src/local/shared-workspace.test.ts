import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BuildJob, ImageCommand } from '../pipeline/index.ts';
import { type LocalRunRequest, runLocally } from './local-run.ts';
import { runRequest } from './test-support/run-request.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-shared-workspace-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe.each(['auto', 'off'] as const)('with sandbox %s', (sandbox) => {
  test('jobs that run at once see what the others write', async () => {
    const { result, logs } = await run(
      `
one: {needs: [], script: ['echo 1 > one', 'until [ -e two ]; do sleep 0.02; done', 'echo "saw $(cat two)"']}
two: {needs: [], script: ['echo 2 > two', 'until [ -e one ]; do sleep 0.02; done', 'echo "saw $(cat one)"']}
`,
      { sandbox },
    );
    expect(result.status).toBe('success');
    expect(logs.get('one')).toMatch(/^saw 2$/m);
    expect(logs.get('two')).toMatch(/^saw 1$/m);
  });

  test('a file that one job removes does not come back for the next', async () => {
    const { result } = await run(
      `
first: {needs: [], script: [rm .gitlab-ci.yml, 'mkdir out']}
second: {needs: [first], script: ['test ! -e .gitlab-ci.yml', 'test -d out']}
`,
      { sandbox },
    );
    expect(result.status).toBe('success');
  });

  test('a job starts in its folder, which is made when it is missing', async () => {
    const { result, logs } = await run(`only: {script: ['pwd', 'touch here']}`, {
      sandbox,
      change: { sharedWorkspace: { name: 'one', path: '/workspace', folder: 'deep/down' } },
    });
    expect(result.status).toBe('success');
    expect(logs.get('only')).toMatch(sandbox === 'auto' ? /^\/workspace\/deep\/down$/m : /\/deep\/down$/m);
  });

  test('a program gets its arguments as they are, without a shell between', async () => {
    const { result, logs } = await run(`only: {script: [replaced]}`, {
      sandbox,
      change: command('printf', ['<%s>', '$HOME', 'two words', "it's", '`date`', '']),
    });
    expect(result.status).toBe('success');
    expect(logs.get('only')).toContain("<$HOME><two words><it's><`date`><>");
  });

  test('a program of the working copy is found from the folder, and its exit code is the job’s', async () => {
    const { result, logs } = await run(
      `
make: {needs: [], script: ["printf '#!/bin/sh\\necho mine; exit 3' > tool", chmod +x tool]}
use: {needs: [make], script: [replaced], allow_failure: {exit_codes: 3}}
`,
      { sandbox, job: 'use', change: command('./tool', null) },
    );
    expect(logs.get('use')).toMatch(/^mine$/m);
    expect(result.status).toBe('success');
  });

  test('the program of an image needs an image', async () => {
    const { result, logs } = await run(`only: {script: [replaced]}`, {
      sandbox,
      change: command(null, ['x']),
    });
    expect(result.status).toBe('failed');
    expect(logs.get('only')).toContain('there is no image here');
  });

  test('what is written to a volume is there for the next job, and gone after the run', async () => {
    const volumes = [{ name: 'home', path: '/builder/home' }];
    const { result, request } = await run(
      `
variables: {HOME: /builder/home}
first: {needs: [], script: ['echo kept > "$HOME/file"']}
second: {needs: [first], script: ['cat "$HOME/file"', 'test ! -e file']}
`,
      { sandbox, change: { volumes } },
    );
    expect(result.status).toBe('success');
    expect(await readdir(request.folders.scratch)).toEqual([]);
  });
});

test('each run has a working copy of its own, and the repository stays as it is', async () => {
  const text = `only: {script: ['test ! -e left', 'echo changed > left', 'rm .gitlab-ci.yml']}`;
  expect((await run(text, {})).result.status).toBe('success');
  expect((await run(text, {})).result.status).toBe('success');
  expect(await readdir(join(folder, 'project'))).toEqual(['.gitlab-ci.yml']);
});

function command(program: string | null, words: ImageCommand['arguments']): Partial<BuildJob> {
  return { script: [], command: { program, arguments: words } };
}

interface RunOptions {
  readonly sandbox?: 'auto' | 'off';
  /** The job that `change` is about; absent: all. */
  readonly job?: string;
  readonly change?: Partial<BuildJob>;
}

/** Runs a GitLab pipeline whose jobs share a working copy, which that language cannot say. */
async function run(text: string, { sandbox = 'auto', job: changed, change = {} }: RunOptions) {
  const repository = join(folder, 'project');
  await rm(repository, { recursive: true, force: true });
  await mkdir(repository);
  await writeFile(join(repository, '.gitlab-ci.yml'), text);
  const logs = new Map<string, string>();
  const listener: LocalRunRequest['listener'] = (event) => {
    if (event.type !== 'job-log') return;
    logs.set(event.job, (logs.get(event.job) ?? '') + Buffer.from(event.bytes).toString());
  };
  const planned = await runRequest(repository, folder, { listener, sandbox, concurrency: 4 });
  const sharedWorkspace = { name: 'workspace', path: '/workspace', folder: '' };
  const jobs = planned.plan.jobs.map((job) =>
    job.kind === 'bridge'
      ? job
      : { ...job, sharedWorkspace, ...(changed === undefined || job.name === changed ? change : {}) },
  );
  const request = { ...planned, plan: { ...planned.plan, jobs } };
  return { result: await runLocally(request), logs, request };
}
