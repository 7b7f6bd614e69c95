import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callProgram, commitProject } from '../test-support/call-program.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-expand-'));
  await commitProject(root, {
    '.gitlab-ci.yml': `include: ci/base.yml
unit:
  extends: .base
  script:
    - make
    - |
      one
      two
`,
    'ci/base.yml': '.base: {tags: [docker]}\n',
    'bad.yml': 'a: {scirpt: x}\n',
    'cut.yml': 'include: none.yml\na: {script: x}\n',
    'told.yml': 'a: {script: x, environment: {name: e/$S}, resource_group: $S}\n',
    'odd.yml': '"a\\e[31m\\nb": {script: x}\nc: {script: y}\n',
    'secret.env': 'S=make-no-secret\n',
    'secret.yml': 'a: {script: make-no-secret, variables: {A: $S}}\n',
  });
});
afterAll(() => rm(root, { recursive: true }));

it('slipway list hides secrets, too', async () => {
  const { stdout } = await callProgram(root, ['list', '--file', 'told.yml', '--var-file', 'secret.env']);
  expect(stdout).toContain('environment e/[MASKED]');
  expect(stdout).not.toContain('make-no-secret');
});

it('slipway list --names has a line for each job, and nothing for a terminal to act on', async () => {
  const { stdout } = await callProgram(root, ['list', '--names', '--file', 'odd.yml']);
  expect(stdout).toBe('a␛[31m b\nc\n');
});

it('prints the whole file', async () => {
  expect(await callProgram(root, ['expand'])).toEqual({
    exitCode: 0,
    stderr: '',
    stdout: `.base:
  tags:
    - docker
unit:
  tags:
    - docker
  script:
    - make
    - |
      one
      two
`,
  });
});

it('--origins writes behind each line where it comes from', async () => {
  const { stdout } = await callProgram(root, ['expand', '--origins', '--job', 'unit']);
  expect(stdout).toBe(`unit:         # .gitlab-ci.yml:2
  tags:       # ci/base.yml:1 through extends .base
    - docker  # ci/base.yml:1 through extends .base
  script:     # .gitlab-ci.yml:4
    - make    # .gitlab-ci.yml:5
    - |       # .gitlab-ci.yml:6
      one
      two
`);
  expect((await callProgram(root, ['expand', '--origins'], { FORCE_COLOR: '1' })).stdout).toContain(
    '\u001b[',
  );
});

it('--json is for programs', async () => {
  const plain = await callProgram(root, ['expand', '--json', '--job', '.base']);
  expect(JSON.parse(plain.stdout)).toEqual({ '.base': { tags: ['docker'] } });
  const origins = await callProgram(root, ['expand', '--json', '--origins']);
  expect(JSON.parse(origins.stdout)).toMatchObject({
    configuration: { unit: { tags: ['docker'] } },
    origins: { '/unit/tags/0': { file: 'ci/base.yml', line: 1, column: 16, steps: ['extends .base'] } },
  });
});

it('prints what is put together although a keyword is wrong, and nothing when it is cut', async () => {
  const bad = await callProgram(root, ['expand', '--file', 'bad.yml']);
  expect(bad).toMatchObject({ exitCode: 2, stdout: 'a:\n  scirpt: x\n' });
  expect(bad.stderr).toContain('bad.yml:1');
  const cut = await callProgram(root, ['expand', '--file', 'cut.yml']);
  expect(cut).toMatchObject({ exitCode: 2, stdout: '' });
});

it('knows no other jobs', async () => {
  const { exitCode, stderr } = await callProgram(root, ['expand', '--job', 'none']);
  expect(stderr).toContain("error: .gitlab-ci.yml has no job 'none'. [no-such-job]");
  expect(exitCode).toBe(2);
});

it('never shows a secret', async () => {
  const args = ['expand', '--file', 'secret.yml', '--var-file', 'secret.env'];
  expect((await callProgram(root, args)).stdout).toContain('script: "[MASKED]"');
  for (const more of [[], ['--origins'], ['--json'], ['--json', '--origins']]) {
    expect((await callProgram(root, [...args, ...more])).stdout).not.toContain('make-no-secret');
  }
});
