import { describe, expect, test } from 'vitest';
import { guessTier, jobIdentityVariables, pipelineVariables } from './predefined.ts';
import { contextOf } from './test-support/read-yaml.ts';

const variablesOf = (json: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(pipelineVariables(contextOf(json), null));

describe('pipelineVariables', () => {
  test('a branch', () => {
    expect(variablesOf({ ref: 'feature/x', project_path: 'group/sub/My-App' })).toMatchObject({
      CI: 'true',
      GITLAB_CI: 'true',
      CI_COMMIT_BRANCH: 'feature/x',
      CI_COMMIT_REF_NAME: 'feature/x',
      CI_COMMIT_REF_SLUG: 'feature-x',
      CI_COMMIT_REF_PROTECTED: 'false',
      CI_PROJECT_PATH: 'group/sub/My-App',
      CI_PROJECT_PATH_SLUG: 'group-sub-my-app',
      CI_PROJECT_NAME: 'My-App',
      CI_PROJECT_NAMESPACE: 'group/sub',
      CI_PROJECT_ROOT_NAMESPACE: 'group',
      CI_PROJECT_URL: 'https://gitlab.example.com/group/sub/My-App',
      CI_SERVER_HOST: 'gitlab.example.com',
      CI_SERVER_PORT: '443',
      CI_API_V4_URL: 'https://gitlab.example.com/api/v4',
    });
  });

  test('a tag has no branch', () => {
    const variables = variablesOf({ tag: 'v1' });
    expect(variables).toMatchObject({ CI_COMMIT_TAG: 'v1', CI_COMMIT_REF_NAME: 'v1' });
    expect(variables).not.toHaveProperty('CI_COMMIT_BRANCH');
  });

  test('a merge request has source and target, and no branch', () => {
    const variables = variablesOf({ ref: 'feature', source: 'merge_request_event' });
    expect(variables).toMatchObject({
      CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'feature',
      CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
      CI_OPEN_MERGE_REQUESTS: 'group/project!1',
    });
    expect(variables).not.toHaveProperty('CI_COMMIT_BRANCH');
  });

  test.each([
    ['Title', 'Title', ''],
    ['Title\n', 'Title', ''],
    ['Title\n\nBody\nmore\n', 'Title', '\nBody\nmore'],
    [`${'longer '.repeat(20)}\n\nBody`, 'longer '.repeat(20), `${'longer '.repeat(20)}\n\nBody`],
    [' \n', 'No commit message', 'No commit message'],
  ])('the commit message %j', (commit_message, title, description) => {
    const variables = variablesOf({ commit_message });
    expect([variables.CI_COMMIT_TITLE, variables.CI_COMMIT_DESCRIPTION]).toEqual([title, description]);
  });

  test('a commit message is cut at 100,000 bytes, not inside a character', () => {
    const variables = variablesOf({ commit_message: `ab${'\u20ac'.repeat(40_000)}` });
    expect(variables.CI_COMMIT_MESSAGE).toBe(`ab${'\u20ac'.repeat(33_332)}`);
    expect(variables.CI_COMMIT_MESSAGE_IS_TRUNCATED).toBe('true');
  });

  test('a hostile commit message or job name is read in no time', () => {
    variablesOf({ commit_message: '\n'.repeat(200_000) });
    const name = ' 1 1'.repeat(60);
    jobIdentityVariables({ name, stage: 'test', when: null, parallel: null, environment: null });
  });
});

test.each([
  ['test 1/3', 'test'],
  ['test: [linux, x64]', 'test'],
  ['test 1 3', 'test'],
  ['build:docker', 'build:docker'],
  ['v2', 'v2'],
])('the group of %s is %s', (name, group) => {
  const variables = jobIdentityVariables({
    name,
    stage: 'test',
    when: null,
    parallel: null,
    environment: null,
  });
  expect(variables.get('CI_JOB_GROUP_NAME')).toBe(group);
});

test.each([
  ['production', 'production'],
  ['prod-eu', 'production'],
  ['live', 'production'],
  ['staging', 'staging'],
  ['stg', 'staging'],
  ['review/x', 'development'],
  ['dev', 'development'],
  ['qa', 'testing'],
  ['customer', 'other'],
])('the environment %s is of tier %s', (name, tier) => {
  expect(guessTier(name)).toBe(tier);
});
