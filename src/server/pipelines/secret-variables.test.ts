import { describe, expect, test } from 'vitest';
import type { BuildJob, SecretReference } from '../../pipeline/index.ts';
import { job, plan } from '../../pipeline/test-support/plan-builder.ts';
import { secretVariables } from './secret-variables.ts';
import { unsetSecrets } from './unset-secrets.ts';

const [ANY] = plan({ one: [job('any')] }).jobs;

function asking(store: SecretReference['store'], name: string, jsonKey: string | null = null): BuildJob {
  if (ANY?.kind !== 'build') throw new Error('No job');
  const secret = { store, name, jsonKey, version: null, versionStage: null };
  return { ...ANY, secretVariables: { PASSWORD: secret } };
}

function found(value: string) {
  return {
    kind: 'found',
    variables: [{ key: 'PASSWORD', value, file: false, masked: true, raw: true }],
  };
}

const set = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, { value, expand: true, masked: true, file: false }]),
  );

describe('a secret is the variable of the project', () => {
  test.each([
    ['google-secret-manager', 'projects/p-1/secrets/db-password', 'db_password'],
    ['google-secret-manager', 'projects/1/locations/europe-west1/secrets/key', 'key'],
    ['google-kms', 'PASSWORD', 'PASSWORD'],
    ['aws-parameter-store', '/team/docker/password', 'team_docker_password'],
    ['aws-secrets-manager', 'prod/api.key', 'prod_api_key'],
  ] as const)('of %s: %s is %s', (store, name, variable) => {
    expect(secretVariables(asking(store, name), set({ [variable]: 'a$b' }))).toEqual(found('a$b'));
    expect(secretVariables(asking(store, name), set({ other: 'x' }))).toEqual({
      kind: 'missing',
      message: `The secret ${name} for PASSWORD is not there: set the variable ${variable} in the project.`,
    });
  });
});

test('one value is taken out of a secret that is a JSON object, and none is told', () => {
  const wanting = asking('aws-secrets-manager', 'login', 'password');
  expect(secretVariables(wanting, set({ login: '{"password":"hunter2"}' }))).toEqual(found('hunter2'));
  for (const login of ['{"user":"hunter2"}', 'hunter2', '["hunter2"]', 'null']) {
    expect(secretVariables(wanting, set({ login }))).toEqual({
      kind: 'missing',
      message: 'The variable login for PASSWORD is no JSON object with a key password.',
    });
  }
});

test('a pipeline warns of what is not there, once', () => {
  const jobs = ['a', 'b'].map((name) => ({ ...asking('google-kms', 'TOKEN'), name }));
  const withSecrets = { ...plan({ one: [] }), jobs };
  const place = { file: 'cloudbuild.yaml', line: 3, column: 5, endLine: 3, endColumn: 14 };
  const placeOf = (name: string) => (name === 'a' ? place : null);
  const reading = { plan: withSecrets, placeOf };
  expect(unsetSecrets(reading, set({}))).toMatchObject([
    {
      severity: 'warning',
      code: 'secret-not-set',
      place,
      message:
        'The secret TOKEN for PASSWORD is not there: set the variable TOKEN in the project. a fails without it.',
    },
  ]);
  expect(unsetSecrets(reading, set({ TOKEN: 'x' }))).toEqual([]);
  expect(unsetSecrets({ plan: null, placeOf }, {})).toEqual([]);
});

test('a name that objects have by themselves is no variable', () => {
  expect(secretVariables(asking('google-kms', 'constructor'), {})).toMatchObject({ kind: 'missing' });
});
