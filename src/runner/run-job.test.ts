import { Buffer } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../base/app-error.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import type { JobSpec, JobVariable } from '../protocol/index.ts';
import { createFolderArtifactStore } from './artifacts/folder-artifact-store.ts';
import { createFolderCacheStore } from './cache/folder-cache-store.ts';
import type { Executor } from './executor.ts';
import { removeTree } from './folder/remove-tree.ts';
import type { JobResult } from './job-result.ts';
import type { LogSink } from './log/job-log.ts';
import type { WorkspaceSource } from './ports.ts';
import { type RunJobRequest, runJob } from './run-job.ts';
import { createShellExecutor } from './shell/shell-executor.ts';
import { createLocalWorkspaces } from './workspace/local-workspaces.ts';

let root: string;
let workspaces: WorkspaceSource;
let sha: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-job-'));
  await mkdir(join(root, 'scratch'));
  const repository = join(root, 'repository');
  await mkdir(repository);
  await writeFile(join(repository, 'README'), 'hello\n');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], {
      cwd: repository,
      encoding: 'utf8',
    }).trim();
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '-m', 'one');
  sha = git('rev-parse', 'HEAD');
  const runFolder = join(root, 'run');
  workspaces = await createLocalWorkspaces({ repository, commit: sha, includeUncommitted: true, runFolder });
});
afterAll(() => removeTree(root));

describe.each(['auto', 'off'] as const)('a shell job, sandbox %s', (sandbox) => {
  const run = (job: Partial<JobSpec>, request: Partial<RunJobRequest> = {}) =>
    runWith(shell(sandbox), job, request);

  it('runs its lines in a working copy of the repository, and succeeds', async () => {
    const { result, log } = await run({
      script: ['cat README', 'git log --format=%s', 'cd /; X=1', 'echo $PWD$X'],
    });
    expect(result.status).toBe('success');
    expect(log).toContain(
      '$ cat README\nhello\n$ git log --format=%s\none\n$ cd /; X=1\n$ echo $PWD$X\n/1\n',
    );
    expect(log.endsWith('Job succeeded\n')).toBe(true);
  });

  it('fails with the exit code of the first line that fails, and runs after_script all the same', async () => {
    const { result, log } = await run({
      script: ['exit 42', 'echo not reached'],
      afterScript: ['echo status $CI_JOB_STATUS', 'false'],
    });
    expect(result).toMatchObject({ status: 'failed', reason: 'script_failure', exitCode: 42 });
    expect(log).toContain('status failed\n');
    expect(log).not.toMatch(/^not reached/m);
    expect(log).toContain('WARNING: after_script failed');
    expect(log.endsWith('ERROR: Job failed: exit code 42\n')).toBe(true);
  });

  it('leaves nothing behind', async () => {
    await run({ script: ['mkdir -p a/b; chmod 0 a; sleep 1000 &'] });
    expect(await readdir(join(root, 'scratch'))).toEqual([]);
    expect((await readdir(join(root, 'run'))).filter((name) => name.startsWith('workspace'))).toEqual([]);
  });

  it('never shows a secret, however it is printed', async () => {
    const secret = "s3cr$t'value%PATH%";
    const { log } = await run({
      variables: [
        { ...variable('TOKEN', secret), masked: true, raw: true },
        { ...variable('URL', 'https://me:$TOKEN@example.org'), masked: false },
        { ...variable('KEY', 'line one\nline two\n'), masked: true, file: true },
      ],
      script: [
        'echo "$TOKEN"; printf %s "${TOKEN%??????}"; printf "%s\\n" "${TOKEN#????????????}"',
        'echo $URL; cat "$KEY"; echo "$TOKEN" >&2; env; set; cat /proc/self/environ',
        'nonexistent "$TOKEN"',
      ],
    });
    expect(log).toContain('[MASKED]');
    expect(log).not.toContain(secret);
    expect(log).not.toContain('line one\nline two');
  });

  it('shows no secret in its result either', async () => {
    const { result } = await run({
      variables: [{ ...variable('TOKEN', 's3cr3tvalue99'), masked: true, raw: true }],
      script: ['echo x > file'],
      artifacts: [
        {
          type: 'archive',
          name: '$TOKEN',
          paths: ['file'],
          exclude: [],
          untracked: false,
          when: 'always',
          expireIn: null,
        },
      ],
    });
    expect(result.outputs.artifacts[0]?.fileName).toContain('[MASKED]');
    const { result: refused } = await runWith(
      {
        ...shell('off'),
        prepare: () => Promise.reject(new AppError('image-pull-failed', 'No image s3cr3tvalue99')),
      },
      { variables: [{ ...variable('TOKEN', 's3cr3tvalue99'), masked: true, raw: true }] },
    );
    expect(refused).toMatchObject({ message: 'No image [MASKED]' });
  });

  it('gives file variables as files for its owner only, and expands the others', async () => {
    const { log } = await run({
      variables: [
        variable('A', 'a'),
        variable('B', '$A and $B and $NONE.'),
        { ...variable('RAW', '$A'), raw: true },
        { ...variable('FILE', 'has $A and $schema'), file: true },
        variable('PATH_OF_FILE', '<$FILE>'),
      ],
      script: [
        'echo "$B|$RAW"; stat -c %a "$FILE"; cat "$FILE"; [ "<$FILE>" = "$PATH_OF_FILE" ] && echo same',
      ],
    });
    expect(log).toContain('a and  and .|$A\n600\nhas a and $schemasame\n');
  });

  it('says which settings of the runner it does not honour, and refuses an unknown GIT_STRATEGY', async () => {
    const { result, log } = await run({
      variables: [variable('GIT_SUBMODULE_STRATEGY', 'normal'), variable('GIT_STRATEGY', 'pull')],
      script: ['echo not reached'],
    });
    expect(log).toContain(
      'WARNING: GIT_SUBMODULE_STRATEGY=normal is not honoured. Submodules are empty folders.\n',
    );
    expect(result).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('GIT_STRATEGY is "pull"'),
    });
    expect(log).not.toContain('not reached');
  });

  it('knows where it is', async () => {
    const { log } = await run({
      script: ['[ "$PWD" = "$CI_PROJECT_DIR" ] && echo in project', 'echo $CI_BUILDS_DIR $CI_JOB_STATUS'],
    });
    expect(log).toMatch(/in project\n.*\n\/\S+ running\n/);
  });

  it('passes artifacts, caches and reports on', async () => {
    const junit =
      '<testsuite name="s"><testcase name="ok"/><testcase name="bad"><failure message="no"/></testcase></testsuite>';
    const first = await run({
      id: 71,
      variables: [variable('NAME', 'out')],
      script: [
        `mkdir out; echo built > out/file; echo V=1 > vars; echo '${junit}' > junit.xml; echo cached > c`,
      ],
      artifacts: [
        artifact('archive', ['$NAME/']),
        artifact('dotenv', ['vars']),
        artifact('junit', ['junit.xml']),
      ],
      caches: [cache('key-$NAME', ['c'])],
    });
    expect(first.result).toMatchObject({
      status: 'success',
      outputs: { dotenv: [{ key: 'V', value: '1' }], tests: { total: 2, failed: 1 } },
    });
    expect(first.result.outputs.artifacts.map(({ type }) => type)).toEqual(['archive', 'dotenv', 'junit']);
    const second = await run({
      dependencies: [{ id: 71, name: 'first' }],
      caches: [cache('key-out', ['c'])],
      script: ['cat out/file c'],
    });
    expect(second.log).toContain('built\ncached\n');
  });

  it('fails without the artifacts it depends on', async () => {
    const { result, log } = await run({ dependencies: [{ id: 999, name: 'gone' }], script: ['echo ran'] });
    expect(result).toMatchObject({ status: 'failed', reason: 'missing_dependency_failure', exitCode: null });
    expect(log).not.toContain('$ echo ran');
  });

  it('keeps only what is due when it fails', async () => {
    const { result } = await run({
      script: ['touch a; false'],
      artifacts: [
        { ...artifact('archive', ['a']), when: 'on_success' },
        { ...artifact('junit', ['a']), when: 'on_success' },
      ],
    });
    expect(result.outputs.artifacts.map(({ type }) => type)).toEqual(['junit']);
  });

  it('runs out of time', async () => {
    const clock = manualClock();
    const sink = reactingSink('ready\n', () => clock.advance(3600));
    const { result } = await run(
      {
        timeoutSeconds: 3600,
        script: ['echo ready; sleep 1000'],
        afterScript: ['echo after $CI_JOB_STATUS'],
      },
      { clock, sink },
    );
    expect(result).toMatchObject({ status: 'failed', reason: 'job_execution_timeout' });
    expect(sink.text()).toContain('after failed\n');
  });

  it('fails, and leaves no timer, when a script took its output away', async () => {
    const timers = new Set<symbol>();
    const clock: Clock = {
      now: systemClock.now,
      elapsed: systemClock.elapsed,
      after(milliseconds, callback) {
        const timer = Symbol('timer');
        timers.add(timer);
        const stop = systemClock.after(milliseconds, callback);
        return () => {
          timers.delete(timer);
          stop();
        };
      },
    };
    const job = { script: ['rm "$CI_PROJECT_DIR.tmp/.output"'], afterScript: ['echo after'] };
    const { result } = await runWith(shell('auto'), job, { clock });
    expect(result).toMatchObject({ status: 'failed', reason: 'runner_system_failure' });
    expect(timers.size).toBe(0);
  });

  it('is canceled gracefully: after_script still runs', async () => {
    const cancel = new AbortController();
    const sink = reactingSink('ready\n', () => cancel.abort());
    const { result } = await run(
      { script: ['echo ready; sleep 1000'], afterScript: ['echo after $CI_JOB_STATUS'] },
      { cancel: cancel.signal, sink },
    );
    expect(result.status).toBe('canceled');
    expect(sink.text()).toContain('after canceled\n');
  });

  it('is killed at once', async () => {
    const kill = new AbortController();
    const sink = reactingSink('ready\n', () => kill.abort());
    const { result } = await run(
      { script: ['trap "" TERM; echo ready; while :; do sleep 0.1; done'], afterScript: ['echo after'] },
      { signal: kill.signal, sink },
    );
    expect(result.status).toBe('canceled');
    expect(sink.text()).not.toContain('after\n');
    expect(await readdir(join(root, 'scratch'))).toEqual([]);
  });

  it('fails when its log cannot be kept', async () => {
    const sink: LogSink = { write: () => Promise.reject(new Error('no')), close: () => Promise.resolve() };
    await expect(run({ script: ['true'] }, { sink })).rejects.toThrow('no');
    expect(await readdir(join(root, 'scratch'))).toEqual([]);
  });
});

describe('the log of a job', () => {
  it('has the sections of GitLab in their order', async () => {
    const { log } = await runWith(shell('auto'), {
      script: ['true'],
      afterScript: ['true'],
      caches: [cache('k', ['README'])],
      artifacts: [artifact('archive', ['README'])],
    });
    expect([...log.matchAll(/section_start:\d+:(\w+)/g)].map((match) => match[1])).toEqual([
      'prepare_executor',
      'get_sources',
      'restore_cache',
      'step_script',
      'after_script',
      'archive_cache',
      'upload_artifacts_on_success',
      'cleanup_file_variables',
    ]);
    expect(log.match(/section_start/g)?.length).toBe(log.match(/section_end/g)?.length);
  });

  it.each([
    { pattern: 'TOTAL.*?(\\d+%)', lines: ['echo TOTAL 10%', 'echo TOTAL x 87.5%'], coverage: 5 },
    {
      pattern: 'TOTAL.* (\\d+\\.\\d+)%',
      lines: ['echo TOTAL 10.0%', 'echo "TOTAL x 87.5%"; echo end'],
      coverage: 87.5,
    },
    { pattern: 'none', lines: ['echo 5'], coverage: null },
  ])('is searched for the coverage: $pattern', async ({ pattern, lines, coverage }) => {
    const { result } = await runWith(shell('auto'), { script: lines, coverage: pattern });
    expect(result.outputs.coverage).toBe(coverage);
  });
});

describe('GIT_STRATEGY', () => {
  it.each(['none', 'empty'])('%s gives an empty folder', async (strategy) => {
    const variables = [variable('GIT_STRATEGY', strategy)];
    const { log } = await runWith(shell('auto'), { variables, script: ['ls -A | wc -l'] });
    expect(log).toMatch(/\n *0\n/);
  });
});

const executors = new Map<string, Executor>();

function shell(sandbox: 'auto' | 'off'): Executor {
  const executor = executors.get(sandbox) ?? createShellExecutor({ sandbox, scratchRoot: join(root, 'run') });
  executors.set(sandbox, executor);
  return executor;
}

async function runWith(
  executor: Executor,
  job: Partial<JobSpec>,
  request: Partial<RunJobRequest> = {},
): Promise<{ readonly result: JobResult; readonly log: string }> {
  const sink = reactingSink('', () => undefined);
  const result = await runJob({
    job: { ...plainJob, git: { ...plainJob.git, sha }, ...job },
    executor,
    workspaces,
    artifacts: createFolderArtifactStore(join(root, 'artifacts')),
    caches: createFolderCacheStore(join(root, 'caches')),
    sink,
    clock: systemClock,
    scratchRoot: join(root, 'scratch'),
    signal: new AbortController().signal,
    cancel: new AbortController().signal,
    ...request,
  });
  return { result, log: sink.text() };
}

/** Timers run when the test says so. */
function manualClock(): Clock & { advance(seconds: number): void } {
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  let now = 0;
  return {
    now: () => now,
    elapsed: () => now,
    after(milliseconds, callback) {
      const timer = { at: now + milliseconds, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(seconds) {
      now += seconds * 1000;
      for (const timer of [...timers].filter(({ at }) => at <= now)) {
        timers.delete(timer);
        timer.callback();
      }
    },
  };
}

interface ReactingSink extends LogSink {
  /** Without colours. */
  text(): string;
}

/** A sink that calls back once, when a text has come by. */
function reactingSink(text: string, react: () => void): ReactingSink {
  const chunks: Uint8Array[] = [];
  let reacted = text === '';
  const all = () => Buffer.concat(chunks).toString();
  return {
    async write(bytes) {
      chunks.push(Buffer.from(bytes));
      if (reacted || !all().includes(`\n${text}`)) return;
      reacted = true;
      react();
    },
    close: () => Promise.resolve(),
    text: () => all().replaceAll(/\u001b\[\d*(;\d*)?m/g, ''),
  };
}

function variable(key: string, value: string): JobVariable {
  return { key, value, file: false, masked: false, raw: false };
}

function artifact(type: string, paths: readonly string[]): JobSpec['artifacts'][number] {
  return { type, name: null, paths, exclude: [], untracked: false, when: 'always', expireIn: null };
}

function cache(key: string, paths: readonly string[]): JobSpec['caches'][number] {
  return {
    key: { kind: 'text', text: key },
    paths,
    untracked: false,
    policy: 'pull-push',
    when: 'on_success',
    fallbackKeys: [],
  };
}

const plainJob: JobSpec = {
  id: 1,
  name: 'job',
  stage: 'test',
  pipelineId: 1,
  projectPath: 'group/project',
  git: { sha: '', ref: 'main', refKind: 'branch' },
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
