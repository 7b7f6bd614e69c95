import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Io } from './io.ts';
import { callProgram, commitProject } from './test-support/call-program.ts';

let base = '';
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'slipway-program-'));
  await project('good', {
    '.gitlab-ci.yml': `
stages: [build, test]
.base: { image: "alpine:3" }
compile: { extends: .base, stage: build, script: [make] }
unit: { stage: test, script: [make test], needs: [compile] }
nightly: { script: [make all], rules: [{ if: '$CI_PIPELINE_SOURCE == "schedule"' }] }
`,
    'ci/other.yml': 'job: { script: [make] }\n',
  });
  await project('bad', {
    '.gitlab-ci.yml': 'job:\n  scirpt: [make]\n  script: [make]\n',
  });
  await project('empty', { '.gitlab-ci.yml': 'job: { script: [x], rules: [{ if: $NOPE }] }\n' });
  await project('filtered', {
    '.gitlab-ci.yml': 'workflow: { rules: [{ when: never }] }\njob: { script: [x] }\n',
  });
});
afterAll(() => rm(base, { recursive: true }));

const project = (name: string, files: Readonly<Record<string, string>>) =>
  commitProject(join(base, name), files);
const slipway = (name: string, args: readonly string[], environment: Io['environment'] = {}) =>
  callProgram(join(base, name), args, environment);

describe('slipway list', () => {
  it('shows the jobs stage by stage', async () => {
    const { exitCode, stdout, stderr } = await slipway('good', ['list']);
    expect(stderr).toBe('');
    expect(stdout).toBe(`build
  compile  on_success  image alpine:3
test
  unit     on_success  needs compile
`);
    expect(exitCode).toBe(0);
  });

  it('takes the event from options, and from a file', async () => {
    expect((await slipway('good', ['list', '--names', '--source', 'schedule'])).stdout).toBe(
      'compile\nunit\nnightly\n',
    );
    await writeFile(join(base, 'context.json'), '{"source": "schedule", "ref": "main"}');
    const { stdout } = await slipway('good', ['list', '--json', '--context', '../context.json']);
    const described = JSON.parse(stdout) as { readonly pipeline: string; readonly jobs: object };
    expect(described.pipeline).toBe('created');
    expect(Object.keys(described.jobs)).toEqual(['compile', 'unit', 'nightly']);
  });

  it.each([
    { from: 'good', folder: '../good' },
    { from: 'bad', folder: '../good' },
    { from: '.', folder: 'good' },
    { from: '.', folder: 'good/ci/..' },
  ])('is of the folder $folder when called in $from', async ({ from, folder }) => {
    const { exitCode, stdout } = await slipway(from, ['list', '--repository', folder]);
    expect(stdout).toContain('compile');
    expect(exitCode).toBe(0);
  });

  it('says why there is no pipeline', async () => {
    const { exitCode, stdout, stderr } = await slipway('filtered', ['list']);
    expect(stdout).toBe('');
    expect(stderr).toContain('No pipeline: workflow:rules leave out a push of branch main.');
    expect(exitCode).toBe(0);
  });
});

describe('slipway schema', () => {
  it('prints the schema that the reference has, wherever it is called', async () => {
    const reference = new URL('../../docs/reference/gitlab-ci.schema.json', import.meta.url);
    const { exitCode, stdout, stderr } = await slipway('.', ['schema']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe(await readFile(reference, 'utf8'));
  });
});

describe('slipway lint', () => {
  it('is content with a good file', async () => {
    expect(await slipway('good', ['lint'])).toEqual({
      exitCode: 0,
      stdout: '✓ .gitlab-ci.yml is valid. 2 jobs.\n',
      stderr: '',
    });
    expect((await slipway('good', ['lint', 'ci/other.yml'])).stdout).toBe(
      '✓ ci/other.yml is valid. 1 job.\n',
    );
  });

  it('tells all that is wrong, with its place, and exits with 2', async () => {
    const { exitCode, stderr } = await slipway('bad', ['lint']);
    expect(stderr).toMatch(/\.gitlab-ci\.yml:2:3: error: .*scirpt/);
    expect(stderr).toContain('1 error');
    expect(exitCode).toBe(2);
  });

  it('tells it to programs', async () => {
    const { exitCode, stdout } = await slipway('bad', ['lint', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      valid: false,
      errors: ['jobs:job config contains unknown keys: scirpt'],
      problems: [{ severity: 'error', phase: 'static', place: { line: 2 } }],
    });
    expect(exitCode).toBe(2);
  });
});

it('slipway graph draws what waits for what', async () => {
  expect((await slipway('good', ['graph'])).stdout).toContain('unit ← compile');
  expect((await slipway('good', ['graph', '--format', 'dot'])).stdout).toContain('"compile" -> "unit";');
});

it.each([
  ['an empty', 'empty'],
  ['a filtered', 'filtered'],
])('slipway run of %s pipeline says once how to find out more', async (_, name) => {
  const { stderr } = await slipway(name, ['run']);
  expect(stderr.split('slipway explain JOB says why.')).toHaveLength(2);
});

it('slipway help COMMAND is its --help', async () => {
  const { exitCode, stdout } = await slipway('good', ['help', 'run']);
  expect(stdout).toBe((await slipway('good', ['run', '--help'])).stdout);
  expect(exitCode).toBe(0);
});

it('warns that a ref changes no files', async () => {
  const { stderr, stdout } = await slipway('good', ['list', '--names', '--ref', 'nowhere']);
  expect(stderr).toBe(
    'warning: --ref nowhere is no branch or tag of this repository: files and commit stay those that are checked out.\n',
  );
  expect(stdout).toContain('compile');
});

it.each([
  ['bad', ['graph', '--json'], { outcome: 'invalid', problems: [{ place: { line: 2 } }] }, 2],
  ['filtered', ['graph', '--json'], { outcome: 'filtered_by_workflow', problems: [] }, 0],
  ['bad', ['run', '--json'], { type: 'problems', problems: [{ place: { line: 2 } }] }, 2],
])('with a %s file, slipway %j answers programs, too', async (name, args, answer, code) => {
  const { exitCode, stdout } = await slipway(name, args);
  expect(JSON.parse(stdout)).toMatchObject(answer);
  expect(exitCode).toBe(code);
});

describe('slipway explain', () => {
  it('tells why a job is out and where its keys come from', async () => {
    const { stdout } = await slipway('good', ['explain', 'nightly']);
    expect(stdout).toContain('nightly  ✗ not in the pipeline');
    expect(stdout).toContain('$CI_PIPELINE_SOURCE is "push"');
    expect((await slipway('good', ['explain', 'compile'])).stdout).toMatch(
      /image: .*gitlab-ci\.yml:3 through extends \.base/,
    );
  });

  it('does not know every name', async () => {
    const { exitCode, stderr } = await slipway('good', ['explain', 'none']);
    expect(stderr).toContain("error: .gitlab-ci.yml has no job 'none'. [no-such-job]");
    expect(exitCode).toBe(2);
  });
});

describe('the command line', () => {
  it.each<[string, string, readonly string[], string]>([
    ['no pipeline file', '', ['list'], 'There is no pipeline file in'],
    ['an unknown command', 'good', ['lsit'], "unknown command 'lsit'"],
    ['an unknown option', 'good', ['list', '--jsno'], "unknown option '--jsno'"],
    ['an unknown event', 'good', ['list', '--source', 'x'], 'is invalid'],
    ['a variable that is not set', 'good', ['list', '--var', 'NOPE'], 'NOPE is not set'],
    ['--needs without a job', 'good', ['run', '--needs'], '--needs goes with the names of jobs'],
    ['a job that is not there', 'good', ['run', 'none'], "There is no job 'none'"],
  ])('refuses %s with exit code 2 and without a stack', async (_name, folder, args, message) => {
    const { exitCode, stderr } = await slipway(folder, args);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(exitCode).toBe(2);
  });

  it('shows the stack when asked', async () => {
    expect((await slipway('', ['list', '--debug'])).stderr).toMatch(/^\s+at /m);
  });

  it('helps, with examples, on every command', async () => {
    const { stdout, exitCode } = await slipway('good', ['--help']);
    expect(exitCode).toBe(0);
    const commands = [...stdout.matchAll(/^ {2}(\w+)(?: \[| <).*$/gm)].map((match) => match[1] ?? '');
    expect(commands).toContain('run');
    for (const command of commands) {
      const help = await slipway('good', [command, '--help']);
      expect(help.stdout).toContain('Examples:');
      expect(help.exitCode).toBe(0);
    }
  });

  it('has colours when they are forced, and none when they are not wanted', async () => {
    const forced = { FORCE_COLOR: '1' };
    expect((await slipway('good', ['list'], forced)).stdout).toContain('\u001b[');
    expect((await slipway('good', ['list', '--no-color'], forced)).stdout).not.toContain('\u001b[');
    expect((await slipway('good', ['list'], { ...forced, NO_COLOR: '1' })).stdout).not.toContain('\u001b[');
    expect((await slipway('good', ['list'])).stdout).not.toContain('\u001b[');
  });
});
