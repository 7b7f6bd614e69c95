import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callProgram, commitProject, gitIn, writeFiles } from '../test-support/call-program.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-lint-'));
  await commitProject(root, {
    '.gitlab-ci.yml': `
include: [ci/build.yml]
stages: [build, test]
compile: {extends: .build, stage: build, script: make, tags: [docker]}
unit:
  before_script: prepare
  script: [make test]
  needs: [{job: compile, artifacts: false}]
  environment: review/$CI_COMMIT_REF_SLUG
  when: manual
nightly: {script: x, rules: [{if: $CI_PIPELINE_SOURCE == "schedule"}, {when: never}]}
old: {script: x, only: [main], except: {variables: [$A]}}
`,
    'ci/build.yml': '.build: {after_script: [clean]}\n',
    'absent-need.yml': `
unit: {script: x, needs: [compile]}
compile: {script: x, rules: [{if: $CI_COMMIT_TAG}]}
`,
    'open-rules.yml': 'a: {script: x, rules: [{when: always}]}\n',
    'skipped.yml': 'a: {script: x, scirpt: x}\n',
    'filtered.yml': 'workflow: {rules: [{when: never}]}\na: {script: x}\n',
  });
  gitIn(root, 'remote', 'add', 'origin', 'https://gitlab.example.com/group/project.git');
});
afterAll(() => rm(root, { recursive: true }));

async function lintJson(...args: readonly string[]) {
  const { stdout, exitCode } = await callProgram(root, ['lint', '--json', ...args]);
  const report: unknown = JSON.parse(stdout);
  return { report, exitCode };
}

describe('slipway lint --json', () => {
  it('has the shape of the lint API', async () => {
    const sha = gitIn(root, 'rev-parse', 'HEAD').trim();
    const at = 'https://gitlab.example.com/group/project/-';
    const { report } = await lintJson();
    expect(report).toMatchObject({
      valid: true,
      errors: [],
      warnings: [],
      merged_yaml: expect.stringMatching(/^---\n\.build:\n[\s\S]*extends: \.build\n/),
      includes: [
        {
          type: 'local',
          location: 'ci/build.yml',
          blob: `${at}/blob/${sha}/ci/build.yml`,
          raw: `${at}/raw/${sha}/ci/build.yml`,
          extra: {},
          context_project: 'group/project',
          context_sha: sha,
        },
      ],
      outcome: 'created',
      event: { source: 'push', ref: 'main', kind: 'branch' },
    });
  });

  it('names the jobs of the pipeline', async () => {
    const { report } = await lintJson();
    expect(report).toMatchObject({
      jobs: [
        {
          name: 'compile',
          stage: 'build',
          before_script: [],
          script: ['make'],
          after_script: ['clean'],
          tag_list: ['docker'],
          only: { refs: ['branches', 'tags'] },
          except: null,
          environment: null,
          when: 'on_success',
          allow_failure: false,
          needs: null,
        },
        {
          name: 'unit',
          stage: 'test',
          before_script: ['prepare'],
          environment: 'review/$CI_COMMIT_REF_SLUG',
          when: 'manual',
          allow_failure: true,
          needs: [{ name: 'compile', artifacts: false, optional: false }],
        },
        { name: 'old', only: { refs: ['main'] }, except: { variables: ['$A'] } },
      ],
    });
  });

  it('--static names every job there is, and no event', async () => {
    const { report } = await lintJson('--static');
    expect(report).toMatchObject({
      event: null,
      outcome: null,
      jobs: [{ name: 'compile' }, { name: 'unit' }, { name: 'nightly', only: null }, { name: 'old' }],
    });
  });

  it('tells apart what is wrong for this event only', async () => {
    const { report, exitCode } = await lintJson('absent-need.yml');
    expect(exitCode).toBe(2);
    expect(report).toMatchObject({
      valid: false,
      static_valid: true,
      errors: [expect.stringContaining("'compile' does not exist in the pipeline")],
      problems: [{ code: 'needed-job-absent', phase: 'event' }],
      merged_yaml: expect.stringContaining('unit:'),
    });
    const onTag = await lintJson('absent-need.yml', '--source', 'tag', '--ref', 'v1');
    expect(onTag.report).toMatchObject({ valid: true, static_valid: true });
    const isStatic = await lintJson('absent-need.yml', '--static');
    expect(isStatic.report).toMatchObject({ valid: true, errors: [], problems: [] });
    expect(isStatic.exitCode).toBe(0);
  });

  it('has warnings apart from errors', async () => {
    expect((await lintJson('open-rules.yml')).report).toMatchObject({
      valid: true,
      warnings: [expect.stringContaining('may allow multiple pipelines to run for a single action')],
      problems: [{ severity: 'warning', phase: 'static' }],
    });
  });

  it('says that an event has no pipeline, which is no error', async () => {
    const { report, exitCode } = await lintJson('filtered.yml');
    expect(report).toMatchObject({ valid: true, outcome: 'filtered_by_workflow', jobs: [] });
    expect(exitCode).toBe(0);
  });

  it('reads the file although the commit asks to skip it, and masks secrets', async () => {
    await writeFiles(root, {
      'context.json': JSON.stringify({
        commit_message: '[skip ci]',
        project_variables: { S: { value: 'scirpt', masked: true } },
      }),
    });
    const { stdout } = await callProgram(root, [
      'lint',
      'skipped.yml',
      '--json',
      '--context',
      'context.json',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ valid: false, outcome: 'invalid' });
    expect(stdout).not.toContain('scirpt');
  });
});

it('slipway lint says which errors are of the event', async () => {
  const { stderr, exitCode } = await callProgram(root, ['lint', 'absent-need.yml']);
  expect(stderr).toContain('The file itself is valid: this is wrong for a push of branch main.');
  expect(exitCode).toBe(2);
  expect((await callProgram(root, ['lint', 'absent-need.yml', '--static'])).stdout).toBe(
    '✓ absent-need.yml is valid. 2 jobs.\n',
  );
  expect((await callProgram(root, ['lint', '--static', '--dry-run'])).exitCode).toBe(2);
  expect((await callProgram(root, ['lint', '--dry-run'])).stdout).toBe(
    '✓ .gitlab-ci.yml is valid. 3 jobs.\n',
  );
});
