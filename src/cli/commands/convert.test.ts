import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callProgram, commitProject } from '../test-support/call-program.ts';

/** A build whose builders are programs of this machine, so that it needs no engine. */
const BUILD = `steps:
- name: example.com/shell
  id: write
  args: [-c, 'echo "it''s for $_WHO at $COMMIT_SHA" > greeting; echo changed > committed; echo "$$0" > $BRANCH_NAME']
- name: example.com/shell
  id: read
  dir: below/here
  args: [-c, 'cat ../../greeting ../../committed ../../main; pwd; cat /workspace/greeting']
- name: example.com/shell
  id: may fail
  waitFor: [write]
  args: [-c, 'echo half > done; exit 7']
  allowExitCodes: [7]
- name: example.com/shell
  id: after
  waitFor: [may fail]
  args: [-c, 'cat done greeting']
substitutions: {_WHO: everybody}
timeout: 60s
`;

const SETTINGS = `builders:
  example.com/shell: {command: sh}
cloudbuild: {project: my-project}
`;

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-convert-'));
  await commitProject(root, {
    'cloudbuild.yaml': BUILD,
    'slipway.yml': SETTINGS,
    committed: 'as it was\n',
    'buildspec.secret.yml': `version: 0.2
env: {parameter-store: {LOGIN: /team/login}}
phases: {build: {commands: [make]}}
`,
    'bad.cloudbuild.yaml': 'steps:\n- nam: alpine\n',
    'own/.gitlab-ci.yml': 'job: {script: make}\n',
  });
});
afterAll(() => rm(root, { recursive: true }));

describe('slipway convert', () => {
  it('prints a file in which what belongs to the commit is a variable', async () => {
    const { exitCode, stdout } = await callProgram(root, ['convert', '--to', 'gitlab']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('# Made from cloudbuild.yaml (Google Cloud Build) by `slipway convert`.');
    expect(stdout).toContain('"$CI_COMMIT_SHA"');
    expect(stdout).toMatch(/needs:\n +- write\n/);
    expect(stdout).not.toMatch(/[0-9a-f]{40}|\ue000/);
  });

  it('writes a file that runs as the other one does', async () => {
    const written = await callProgram(root, ['convert', '-o', 'converted.gitlab-ci.yml']);
    expect(written.stdout).toBe('');
    const args = ['run', '--file', 'converted.gitlab-ci.yml', '--executor', 'shell', '--plain'];
    const { exitCode, stdout, stderr } = await callProgram(root, args);
    expect(exitCode, stdout + stderr).toBe(0);
    expect(stdout.match(/it's for everybody at [0-9a-f]{40}/g)).toHaveLength(3);
    expect(stdout).toMatch(/changed/);
    expect(stdout).toMatch(/\/below\/here/);
    expect(stdout).toMatch(/half/);
  });

  it('leaves a file that is there alone', async () => {
    const { exitCode, stderr } = await callProgram(root, ['convert', '-o', 'committed']);
    expect({ exitCode, text: await readFile(join(root, 'committed'), 'utf8') }).toEqual({
      exitCode: 2,
      text: 'as it was\n',
    });
    expect(stderr).toContain('committed cannot be written: it is there already.');
    expect((await callProgram(root, ['convert', '-o', 'committed', '--force'])).exitCode).toBe(0);
  });

  it('tells what it could not carry over, and fails for it with --strict', async () => {
    const args = ['convert', '--file', 'buildspec.secret.yml'];
    const told = 'not carried over: build: LOGIN is the secret /team/login in the Parameter Store of AWS';
    const lax = await callProgram(root, args);
    expect(lax.exitCode).toBe(0);
    expect(lax.stderr).toContain(told);
    expect(lax.stdout).toContain('  # LOGIN is the secret /team/login');
    const strict = await callProgram(root, [...args, '--strict']);
    expect(strict.exitCode).toBe(1);
    expect((await callProgram(root, ['convert', '--strict'])).exitCode).toBe(0);
  });

  it('has nothing to do for a file of GitLab CI', async () => {
    const { exitCode, stderr } = await callProgram(root, ['convert', '-C', 'own']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('.gitlab-ci.yml is a file of GitLab CI already');
  });

  it('converts no file that is wrong', async () => {
    const { exitCode, stdout, stderr } = await callProgram(root, ['convert', '-f', 'bad.cloudbuild.yaml']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/bad\.cloudbuild\.yaml:2:3: error: /);
  });
});
