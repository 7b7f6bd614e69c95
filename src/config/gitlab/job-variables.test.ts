import { expect, test } from 'vitest';
import { jobVariables, type RuntimeVariable } from './job-variables.ts';
import { readPipeline } from './read-pipeline.ts';
import { memorySources } from './test-support/memory-sources.ts';
import { contextOf } from './test-support/read-yaml.ts';

const runtime = {
  jobId: 7,
  pipelineId: 3,
  token: 'job-token',
  startedAt: new Date('2024-05-01T10:00:00.123Z'),
  timeoutSeconds: 3600,
  dotenv: [['LEVEL', 'dotenv']] as const,
};

test('later levels stand later: YAML < dotenv < project < pipeline', async () => {
  const yaml = 'variables: {LEVEL: root}\nj: {script: x, variables: {LEVEL: job}}';
  const context = { project_variables: { LEVEL: 'project' }, pipeline_variables: { LEVEL: 'pipeline' } };
  const levels = (await variablesOf(yaml, context)).filter((variable) => variable.key === 'LEVEL');
  expect(levels.map((variable) => variable.value)).toEqual(['job', 'dotenv', 'project', 'pipeline']);
});

test('a job knows who it is', async () => {
  const yaml =
    'deploy: {script: x, image: alpine, parallel: 2, environment: {name: review/$CI_COMMIT_REF_SLUG, url: "https://$HOST"}}';
  expect(byKey(await variablesOf(yaml, { ref: 'feature/Login' }))).toMatchObject({
    CI_JOB_ID: '7',
    CI_JOB_NAME: 'deploy 1/2',
    CI_JOB_NAME_SLUG: 'deploy-1-2',
    CI_JOB_GROUP_NAME: 'deploy',
    CI_JOB_STAGE: 'test',
    CI_JOB_IMAGE: 'alpine',
    CI_JOB_STARTED_AT: '2024-05-01T10:00:00Z',
    CI_NODE_INDEX: '1',
    CI_NODE_TOTAL: '2',
    CI_PIPELINE_ID: '3',
    CI_ENVIRONMENT_NAME: 'review/feature-login',
    CI_ENVIRONMENT_TIER: 'development',
    CI_ENVIRONMENT_ACTION: 'start',
    CI_ENVIRONMENT_URL: 'https://$HOST',
    CI_COMMIT_BRANCH: 'feature/Login',
    CI_COMMIT_REF_SLUG: 'feature-login',
    CI_REPOSITORY_URL: 'https://gitlab-ci-token:job-token@gitlab.example.com/group/project.git',
  });
});

test('values of the world are raw, secrets masked, files files', async () => {
  const context = {
    commit_message: 'costs $HOME',
    project_variables: { KEY: { value: 'k', masked: true, file: true, expand: false } },
  };
  const variables = await variablesOf('j: {script: x, variables: {V: $KEY}}', context);
  const find = (key: string) => variables.find((variable) => variable.key === key);
  expect(find('CI_COMMIT_MESSAGE')).toMatchObject({ value: 'costs $HOME', raw: true });
  expect(find('KEY')).toEqual({ key: 'KEY', value: 'k', masked: true, file: true, raw: true });
  expect(find('CI_JOB_TOKEN')).toMatchObject({ masked: true });
  expect(find('V')).toMatchObject({ value: '$KEY', raw: false });
});

async function variablesOf(
  yaml: string,
  context: Readonly<Record<string, unknown>> = {},
): Promise<readonly RuntimeVariable[]> {
  const given = contextOf(context);
  const sources = memorySources({ '.gitlab-ci.yml': yaml });
  const { plan } = await readPipeline({ sources, file: '.gitlab-ci.yml', context: given });
  const job = plan?.jobs[0];
  if (plan === null || job === undefined) throw new Error('no job');
  return jobVariables(plan, job, given, runtime);
}

function byKey(variables: readonly RuntimeVariable[]): Readonly<Record<string, string>> {
  return Object.fromEntries(variables.map(({ key, value }) => [key, value]));
}
