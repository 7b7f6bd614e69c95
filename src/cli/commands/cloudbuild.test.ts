import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callProgram, commitProject, writeFiles } from '../test-support/call-program.ts';

/** A build whose builders are programs of this machine, so that it needs no engine. */
const BUILD = `steps:
- name: example.com/shell
  id: write
  args: [-c, 'echo "for $_WHO" > greeting; mkdir -p "$$HOME"; echo kept > "$$HOME/file"']
- name: example.com/shell
  id: read
  waitFor: [write]
  dir: below
  args: [-c, 'cat ../greeting "$$HOME/file"; pwd']
- name: example.com/shell
  id: beside
  waitFor: ['-']
  script: |
    #!/bin/sh
    echo beside
substitutions: {_WHO: everybody}
images: ['example.com/$PROJECT_ID/app']
timeout: 60s
`;

const SETTINGS = `builders:
  example.com/shell: {command: sh}
cloudbuild: {project: my-project}
`;

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-cloudbuild-'));
  await commitProject(root, {
    'cloudbuild.yaml': BUILD,
    'slipway.yml': SETTINGS,
    'ci/bad.cloudbuild.yaml': 'steps:\n- nam: alpine\n',
    'pipeline.yml': "steps:\n- {name: example.com/shell, args: [-c, 'echo by its keys']}\n",
  });
});
afterAll(() => rm(root, { recursive: true }));

const NOTE = 'note: cloudbuild.yaml is read as Google Cloud Build.\n';

describe('a cloudbuild.yaml', () => {
  it('is found by its name and listed', async () => {
    const { exitCode, stdout, stderr } = await callProgram(root, ['list']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: NOTE });
    expect(stdout).toMatch(/^ {2}read +on_success {2}needs write$/m);
    expect(stdout).toMatch(/^ {2}beside +on_success {2}needs nothing$/m);
    expect(stdout).toMatch(/^ {2}push images +manual/m);
  });

  it('is described as JSON', async () => {
    const { stdout } = await callProgram(root, ['list', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      language: 'cloudbuild',
      jobs: {
        read: {
          command: { program: 'sh', arguments: ['-c', 'cat ../greeting "$HOME/file"; pwd'] },
          needs: ['write'],
          shared_workspace: { path: '/workspace', folder: 'below' },
        },
      },
    });
  });

  it('is linted, and its mistakes have places', async () => {
    const good = await callProgram(root, ['lint']);
    expect(good.stdout).toBe('✓ cloudbuild.yaml is valid Google Cloud Build. 4 jobs.\n');
    const bad = await callProgram(root, ['lint', 'ci/bad.cloudbuild.yaml']);
    expect(bad.exitCode).toBe(2);
    expect(bad.stderr).toMatch(/ci\/bad\.cloudbuild\.yaml:2:3: error: /);
  });

  it('is explained', async () => {
    const { stdout } = await callProgram(root, ['explain', 'read']);
    expect(stdout).toMatch(/^read {2}✓ in the pipeline {2}cloudbuild\.yaml:\d+/);
    expect(stdout).toContain('every job of a file of Google Cloud Build is in the pipeline');
    expect(stdout).toMatch(/HOME.*\/builder\/home/);
  });

  it('is drawn', async () => {
    const { exitCode, stdout } = await callProgram(root, ['graph']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('write');
  });

  it('is known by its keys under another name', async () => {
    const { stdout } = await callProgram(root, ['run', '--file', 'pipeline.yml']);
    expect(stdout).toMatch(/by its keys/);
  });

  it('runs: its steps share the working copy and the home, and values can be given', async () => {
    const { exitCode, stdout } = await callProgram(root, ['run', '--var', '_WHO=you']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/for you/);
    expect(stdout).toMatch(/kept/);
    expect(stdout).toMatch(/beside/);
    expect(stdout).toMatch(/\/below/);
  });

  it('is expanded: with its substitutions, and where each line is from', async () => {
    const { exitCode, stdout } = await callProgram(root, ['expand', '--var', '_WHO=you']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('for you');
    expect(stdout).toContain('images:\n  - example.com/my-project/app\n');
    expect(stdout).toContain('"$HOME"');
    const origins = await callProgram(root, ['expand', '--origins']);
    expect(origins.stdout).toMatch(/id: write +# cloudbuild\.yaml:3/);
    const json = await callProgram(root, ['expand', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ steps: [{ id: 'write' }, {}, {}], timeout: '60s' });
  });

  it('has no templates to choose from when it is expanded', async () => {
    const { exitCode, stderr } = await callProgram(root, ['expand', '--job', 'write']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--job chooses a job of a .gitlab-ci.yml, and cloudbuild.yaml is none.');
  });

  it('is said to be one in every answer for programs', async () => {
    for (const args of [['graph'], ['explain', 'read'], ['lint'], ['list'], ['diff', 'HEAD']]) {
      const { stdout } = await callProgram(root, [...args, '--json']);
      expect(JSON.parse(stdout), args[0]).toMatchObject({ language: 'cloudbuild' });
    }
  });

  it('is said to be one by a run for programs', async () => {
    const { stdout } = await callProgram(root, ['run', 'beside', '--json']);
    const [first] = stdout.split('\n');
    expect(JSON.parse(first ?? '')).toEqual({
      type: 'pipeline-file',
      file: 'cloudbuild.yaml',
      language: 'cloudbuild',
    });
  });

  it('has no use for some options, and says so', async () => {
    const { exitCode, stderr } = await callProgram(root, ['lint', '--refresh', '--project', 'a/b=.']);
    expect(exitCode).toBe(0);
    expect(stderr).toContain(
      'warning: --refresh, --project make no difference for a file of Google Cloud Build.\n',
    );
  });

  it('is compared', async () => {
    const changed = BUILD.replace('echo beside', 'echo aside').replace('_WHO: everybody', '_WHO: nobody');
    await writeFiles(root, { 'cloudbuild.yaml': changed });
    const { stdout, stderr } = await callProgram(root, ['diff', 'HEAD']);
    await writeFiles(root, { 'cloudbuild.yaml': BUILD });
    expect(stderr).toBe(NOTE);
    expect(stdout).toContain('beside');
    expect(stdout).toContain('for nobody');
  });
});
