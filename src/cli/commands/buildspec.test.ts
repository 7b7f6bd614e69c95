import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callProgram, commitProject } from '../test-support/call-program.ts';

const BUILDSPEC = `version: 0.2
env:
  variables: {WHO: everybody}
phases:
  build:
    commands:
      - echo "for $WHO" | tee greeting
  post_build: &shared
    commands: [cat greeting]
artifacts:
  files: [greeting]
`;

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-buildspec-'));
  await commitProject(root, {
    'buildspec.yaml': BUILDSPEC,
    'ci/secret.buildspec.yml': BUILDSPEC.replace('env:', 'env:\n  parameter-store: {TOKEN: /team/token}'),
    'cloudbuild.yaml': 'steps: [{name: alpine}]\n',
    'ci/bad.buildspec.yml': 'version: 0.2\nphases: {build: {commands: [{echo: x}]}}\n',
  });
});
afterAll(() => rm(root, { recursive: true }));

const NOTE =
  'note: buildspec.yaml is read as AWS CodeBuild. Beside it: cloudbuild.yaml; choose with --file.\n';

describe('a buildspec', () => {
  it('is found by its name before a cloudbuild.yaml, and listed', async () => {
    const { exitCode, stdout, stderr } = await callProgram(root, ['list', '--names']);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: 'build\n', stderr: NOTE });
  });

  it('is linted, and its mistakes have places', async () => {
    const good = await callProgram(root, ['lint']);
    expect(good.stdout).toBe('✓ buildspec.yaml is valid AWS CodeBuild. 1 job.\n');
    const bad = await callProgram(root, ['lint', 'ci/bad.buildspec.yml']);
    expect(bad.exitCode).toBe(2);
    expect(bad.stderr).toMatch(/ci\/bad\.buildspec\.yml:2:\d+: error: /);
  });

  it('runs, with values from outside', async () => {
    const { exitCode, stdout } = await callProgram(root, ['run', '--var', 'WHO=you', '--plain']);
    expect(exitCode).toBe(0);
    expect(stdout.match(/for you/g)?.length).toBeGreaterThanOrEqual(2);
  });

  it('is explained, expanded and drawn', async () => {
    const explained = await callProgram(root, ['explain', 'build']);
    expect(explained.stdout).toContain('every job of a file of AWS CodeBuild is in the pipeline');
    const given = await callProgram(root, [
      ...['explain', 'build', '--file', 'ci/secret.buildspec.yml'],
      ...['--var', 'WHO=you', '--json'],
    ]);
    expect(JSON.parse(given.stdout).job.variables).toEqual(
      expect.arrayContaining([
        { name: 'WHO', value: 'everybody', level: 'job', overridden: true },
        { name: 'WHO', value: 'you', level: 'pipeline', overridden: false },
        { name: 'TOKEN', value: '[MASKED]', level: 'job', overridden: false },
      ]),
    );
    const expanded = await callProgram(root, ['expand']);
    expect(expanded.stdout).toContain('      - echo "for $WHO" | tee greeting\n');
    expect((await callProgram(root, ['graph', '--json'])).stdout).toContain('"language": "codebuild"');
  });

  it('has no inputs', async () => {
    const { stderr } = await callProgram(root, ['list', '--input', 'a=b']);
    expect(stderr).toContain('warning: --input makes no difference for a file of AWS CodeBuild.');
  });
});
