import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callProgram, commitAll, commitProject, gitIn, writeFiles } from '../test-support/call-program.ts';

let base = '';
let root = '';
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'slipway-diff-'));
  root = join(base, 'project');
  await commitProject(root, {
    '.gitlab-ci.yml': `include: ci/build.yml
unit: {script: [npm ci, npm test], image: "node:20"}
lint: {script: [npm ci, npm run lint]}
release: {script: [npm publish], rules: [{if: $CI_COMMIT_TAG}]}
nightly: {script: [npm audit], rules: [{if: $CI_PIPELINE_SOURCE == "schedule"}]}
docs: {script: [npm run docs], rules: [{changes: [docs/**/*]}]}
`,
    'ci/build.yml': 'build: {stage: build, script: [make]}\n',
  });
  gitIn(root, 'switch', '-q', '-c', 'topic');
  await writeFiles(root, {
    '.gitlab-ci.yml': `include: ci/build.yml
unit: {script: [npm ci, npm run test:all], image: "node:22"}
lint: {script: [npm ci, npm run lint]}
release: {script: [npm publish], rules: [{if: $CI_COMMIT_TAG}], when: manual}
nightly: {script: [npm audit --all], rules: [{if: $CI_PIPELINE_SOURCE == "schedule"}]}
docs: {script: [npm run site], rules: [{changes: [docs/**/*]}]}
scan: {script: [scan], image: "scanner"}
`,
    'ci/build.yml': 'build: {stage: build, script: [make all]}\n',
  });
  commitAll(root, 'two');
  await writeFiles(root, { 'ci/build.yml': 'build: {stage: build, script: [make all], when: manual}\n' });
});
afterAll(() => rm(base, { recursive: true }));

const diff = (...args: readonly string[]) => callProgram(root, ['diff', ...args]);

interface Answer {
  readonly equal: boolean;
  readonly differences: readonly {
    readonly events: readonly { readonly source: string; readonly ref: { readonly name: string } }[];
    readonly before: string;
    readonly after: string;
    readonly equal: boolean;
    readonly added: readonly { readonly name: string }[];
    readonly changed: readonly {
      readonly names: readonly string[];
      readonly changes: readonly { readonly key: string }[];
    }[];
  }[];
}

async function answer(...args: readonly string[]): Promise<Answer> {
  const { stdout, stderr } = await diff(...args, '--json');
  expect(stderr).toBe('');
  const parsed: Answer = JSON.parse(stdout);
  return parsed;
}

/** `unit:image` for each change, of the first difference. */
async function changedKeys(...args: readonly string[]): Promise<readonly string[]> {
  const [difference] = (await answer(...args)).differences;
  return (difference?.changed ?? []).flatMap(({ names, changes }) =>
    changes.map(({ key }) => `${names.join('+')}:${key}`),
  );
}

describe('slipway diff', () => {
  it('shows people what is new, gone and changed, event by event', async () => {
    expect(await diff('main', 'topic')).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `main → topic

For a push of topic
+ scan  stage test, image scanner
~ build
    script:
      - make
      + make all
~ unit
    script:
        npm ci
      - npm test
      + npm run test:all
    image: node:20 → node:22
~ docs
    script:
      - npm run docs
      + npm run site
Jobs: 1 added, 3 changed.

For a merge request of topic into main
~ docs
    script:
      - npm run docs
      + npm run site
Jobs: 1 changed.

For a tag v1.0.0
+ scan  stage test, image scanner
~ build
    script:
      - make
      + make all
~ unit
    script:
        npm ci
      - npm test
      + npm run test:all
    image: node:20 → node:22
~ release
    when: on_success → manual
    allow_failure: false → true
~ docs
    script:
      - npm run docs
      + npm run site
Jobs: 1 added, 4 changed.
`,
    });
  });

  it('compares with the files as they lie here when no HEAD is named', async () => {
    expect(await changedKeys('HEAD')).toEqual(['build:when', 'build:allow_failure']);
    expect(await changedKeys('--source', 'schedule', 'topic~1', 'topic')).toContain('nightly:script');
  });

  it('tells once what several events have in common', async () => {
    const { differences } = await answer('HEAD');
    expect(differences.map(({ events, equal }) => [events.map(({ source }) => source), equal])).toEqual([
      [['push', 'push'], false],
      [['merge_request_event'], true],
    ]);
    expect((await diff('main', 'main')).stdout).toBe(
      'main → main\n\nThe same for a push of main, a merge request of main into main and a tag v1.0.0.\n',
    );
  });

  it('has every change hold unless it is told to look', async () => {
    expect(await changedKeys('main', 'topic')).toContain('docs:script');
    expect(await changedKeys('main', 'topic', '--changes')).not.toContain('docs:script');
    expect(await changedKeys('main', 'topic', '--changes', '--source', 'tag')).toContain('docs:script');
  });

  it('takes the event from options', async () => {
    const { differences } = await answer('main', '--ref', 'other', '--tag', 'v9', '--target', 'stable');
    expect(differences.flatMap(({ events }) => events)).toEqual([
      { source: 'push', ref: { name: 'other', kind: 'branch' }, target: null },
      expect.objectContaining({ source: 'merge_request_event', target: 'stable' }),
      { source: 'push', ref: { name: 'v9', kind: 'tag' }, target: null },
    ]);
  });

  it('exits with 1 for a difference only when it is asked to', async () => {
    expect((await diff('main')).exitCode).toBe(0);
    expect((await diff('main', '--exit-code')).exitCode).toBe(1);
    expect((await diff('main', 'main', '--exit-code')).exitCode).toBe(0);
  });

  it('has colours when they are wanted', async () => {
    const forced = await callProgram(root, ['diff', 'main'], { FORCE_COLOR: '1' });
    expect(forced.stdout).toContain('\u001b[32m+ scan');
    const none = await callProgram(root, ['diff', 'main'], { FORCE_COLOR: '1', NO_COLOR: '1' });
    expect(none.stdout).not.toContain('\u001b');
  });

  it('--merge-base leaves out what the base has gone on to', async () => {
    gitIn(root, 'branch', 'ahead', 'topic~1');
    const other = join(base, 'other');
    gitIn(root, 'worktree', 'add', '-q', other, 'ahead');
    await writeFiles(other, { '.gitlab-ci.yml': 'only: {script: [x]}\n' });
    commitAll(other, 'on the base');
    expect((await answer('ahead', 'topic')).differences[0]?.added.map(({ name }) => name)).toContain('lint');
    const left = await answer('ahead', 'topic', '--merge-base');
    expect(left.differences[0]?.added.map(({ name }) => name)).toEqual(['scan']);
  });
});

describe('a child pipeline', () => {
  const parent = `build: {script: [make]}
child: {trigger: {include: ci/child.yml}, variables: {MODE: fast}}
several: {trigger: {include: [{local: ci/child.yml}, {local: ci/more.yml}]}}
made: {needs: [build], trigger: {include: [{artifact: made.yml, job: build}]}}
other: {trigger: group/other}
`;
  const child = (script: string) =>
    `work: {script: ["${script}"], rules: [{if: $MODE == "fast"}]}\nrest: {script: [rest]}\n`;

  async function changedChild(name: string, after: Readonly<Record<string, string>>) {
    const folder = join(base, name);
    await commitProject(folder, {
      '.gitlab-ci.yml': parent,
      'ci/child.yml': child('one'),
      'ci/more.yml': 'more: {script: [more]}\n',
    });
    await writeFiles(folder, after);
    return callProgram(folder, ['diff', 'HEAD', '--source', 'push']);
  }

  it('is compared as well', async () => {
    expect(
      (await changedChild('child', { 'ci/child.yml': child('two') })).stdout,
    ).toContain(`For a push of main
~ the child pipeline of child
    ~ work
        script:
          - one
          + two
    Jobs: 1 changed.
`);
    const more = { 'ci/more.yml': 'more: {script: [more], when: manual}\n' };
    const several = (await changedChild('several', more)).stdout;
    expect(several).toContain(
      '~ the child pipeline of several\n    ~ more\n        when: on_success → manual',
    );
    expect(several).not.toContain('child pipeline of child\n');
  });

  it('is what the rules of its include make it', async () => {
    const folder = join(base, 'ruled');
    const ruled = (when: string) =>
      `child: {trigger: {include: [{local: ci/child.yml, rules: [{if: $CI, when: ${when}}]}, {local: ci/more.yml}]}}\n`;
    const only = 'only: {trigger: {include: [{local: ci/child.yml, rules: [{if: $NOPE}]}]}}\n';
    await commitProject(folder, {
      '.gitlab-ci.yml': ruled('always') + only,
      'ci/child.yml': 'one: {script: [x]}\n',
      'ci/more.yml': 'two: {script: [x]}\n',
    });
    await writeFiles(folder, {
      '.gitlab-ci.yml': ruled('never') + only,
      'ci/child.yml': 'one: {script: [y]}\n',
    });
    const { stdout } = await callProgram(folder, ['diff', 'HEAD', '--source', 'push']);
    expect(stdout).toContain('~ the child pipeline of child\n    - one');
    expect(stdout).not.toContain('the child pipeline of only');
  });

  it('may be wrong, which is said, but is no fault of the file', async () => {
    const { stdout, exitCode } = await changedChild('wrong', { 'ci/child.yml': 'work: {scirpt: x}\n' });
    expect(stdout).toContain('~ the child pipeline of child\n    jobs work config should implement');
    expect(stdout).toContain('There cannot be a pipeline: the file of the work tree is invalid.');
    expect(exitCode).toBe(0);
  });
});

describe('slipway diff --format markdown', () => {
  it('is a comment for a merge request', async () => {
    const { stdout } = await diff('main', 'topic', '--source', 'push', '--format', 'markdown');
    expect(stdout).toContain('### Pipeline changes: `main → topic`\n\n#### For a push of topic\n');
    expect(stdout).toContain('```diff\n+ scan  (stage test, image scanner)\n```\n');
    expect(stdout).toContain(
      '`unit`\n\n```diff\n  script:\n      npm ci\n-     npm test\n+     npm run test:all\n- image',
    );
  });

  it('lets nothing of a file out of its code', async () => {
    const folder = join(base, 'hostile');
    await commitProject(folder, { '.gitlab-ci.yml': 'a: {script: [x]}\n' });
    await writeFiles(folder, {
      '.gitlab-ci.yml': 'a: {script: ["x", "```\\n![x](http://y)", "\\e[31m"]}\n"`b` <img>": {script: [y]}\n',
    });
    const { stdout } = await callProgram(folder, [
      'diff',
      'HEAD',
      '--format',
      'markdown',
      '--source',
      'push',
    ]);
    expect(stdout).toContain('````diff\n  script:\n      x\n+     ```\n+     ![x](http://y)\n');
    expect(stdout).toContain('+ `b` <img>');
    expect(stdout).not.toContain('\u001b');
  });
});

describe('a pipeline that is there on one side only', () => {
  async function changed(name: string, before: string | null, after: string | null) {
    const folder = join(base, name);
    await mkdir(folder);
    const files = (text: string | null) => ({
      'README.md': '',
      ...(text === null ? {} : { '.gitlab-ci.yml': text }),
    });
    await commitProject(folder, files(before));
    if (after === null) await rm(join(folder, '.gitlab-ci.yml'));
    else await writeFiles(folder, files(after));
    return callProgram(folder, ['diff', 'HEAD', '--source', 'push']);
  }
  const good = 'a: {script: [x]}\n';
  const filtered = `workflow: {rules: [{when: never}]}\n${good}`;
  const empty = 'a: {script: [x], rules: [{when: never}]}\n';
  const wrong = 'a: {scirpt: [x]}\n';

  it.each<[string, string | null, string | null, string, number]>([
    [
      'new file',
      null,
      good,
      'A pipeline comes to exist: so far there is no pipeline file.\n+ a  stage test\n',
      0,
    ],
    [
      'removed file',
      good,
      null,
      'The pipeline ceases to exist: there is no pipeline file.\n- a  stage test\n',
      0,
    ],
    ['filtered', good, filtered, 'The pipeline ceases to exist: workflow:rules leave it out.\n', 0],
    ['filled', empty, good, 'A pipeline comes to exist: so far no job is in it.\n', 0],
    ['broken', good, wrong, 'There cannot be a pipeline: the file of the work tree is invalid.\n', 2],
    ['mended', wrong, good, 'A pipeline comes to exist: so far the file of HEAD is invalid.\n', 0],
    ['nothing', filtered, empty, 'The same for a push of main.\n', 0],
  ])('%s', async (name, before, after, text, code) => {
    const { stdout, exitCode } = await changed(name, before, after);
    expect(stdout).toContain(text);
    expect(exitCode).toBe(code);
  });

  it('of a folder in a repository that did not have it yet', async () => {
    const folder = join(base, 'around');
    await commitProject(folder, { 'README.md': '' });
    await writeFiles(folder, { 'app/.gitlab-ci.yml': good });
    const { stdout } = await callProgram(folder, ['diff', 'HEAD', '-C', 'app', '--source', 'push']);
    expect(stdout).toContain(
      'A pipeline comes to exist: so far there is no pipeline file.\n+ a  stage test\n',
    );
  });

  it('shows what is wrong with the file', async () => {
    expect((await changed('faulty', good, wrong)).stderr).toMatch(/\.gitlab-ci\.yml:1:\d+: error: /);
    expect((await changed('was faulty', wrong, good)).stdout).toContain('In HEAD: jobs');
  });
});

it.each<[readonly string[], string]>([
  [['none'], "There is no commit 'none' in"],
  [['--help=x'], 'unknown option'],
  [['main', 'main:ci'], "There is no commit 'main:ci' in"],
  [['main', '--file', 'none.yml'], 'There is no none.yml, neither now nor in main.'],
  [['main', '--source', 'x'], 'is invalid'],
])('slipway diff %j is refused with exit code 2', async (args, message) => {
  const { stderr, exitCode } = await diff(...args);
  expect(stderr).toContain(message);
  expect(exitCode).toBe(2);
});

it('never shows a secret', async () => {
  await writeFiles(root, { 'secret.env': 'S=npm run test:all\n' });
  for (const more of [[], ['--json'], ['--format', 'markdown']]) {
    const { stdout } = await diff('main', '--var-file', 'secret.env', ...more);
    expect(stdout).toContain('[MASKED]');
    expect(stdout).not.toContain('npm run test:all');
  }
});
