import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BuildJob, SecretReference } from '../../pipeline/index.ts';
import { runLocally } from '../local-run.ts';
import { runRequest } from '../test-support/run-request.ts';
import { resolveSecrets } from './resolve-secrets.ts';
import type { SecretSource } from './secret-source.ts';
import { createSecretStore } from './secret-store.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-secrets-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a store keeps any name and value, in files for their owner alone, and leaves nothing beside them', async () => {
  const place = join(folder, 'deep', 'secrets');
  const store = createSecretStore(place);
  const { signal } = new AbortController();
  const odd = 'two\nlines and "quotes" $HOME';
  await store.set('__proto__', odd);
  await store.set('/app/token', 'first');
  await store.set('/app/token', 'second');
  expect(await createSecretStore(place).names()).toEqual(['/app/token', '__proto__']);
  expect(await store.find(reference('__proto__'), signal)).toBe(odd);
  expect(await store.find(reference('/app/token'), signal)).toBe('second');
  expect((await stat(place)).mode & 0o777).toBe(0o700);
  const files = await readdir(place);
  expect(files.length).toBe(2);
  for (const file of files) expect((await stat(join(place, file))).mode & 0o777).toBe(0o600);
  expect(await store.remove('/app/token')).toBe(true);
  expect(await store.remove('/app/token')).toBe(false);
  expect(await store.find(reference('/app/token'), signal)).toBeNull();
  expect(await store.names()).toEqual(['__proto__']);
});

test('a version of a secret, as a file of Cloud Build names it, is the secret', async () => {
  const store = createSecretStore(join(folder, 'versions'));
  await store.set('projects/p/secrets/s/versions/latest', 'value');
  expect(await store.names()).toEqual(['projects/p/secrets/s']);
  expect(await store.find(reference('projects/p/secrets/s'), new AbortController().signal)).toBe('value');
  expect(await store.remove('projects/p/secrets/s/versions/2')).toBe(true);
});

test('many at the same time lose nothing of each other', async () => {
  const place = join(folder, 'secrets');
  const names = Array.from({ length: 50 }, (_, index) => `secret-${index}`);
  await Promise.all(names.map((name) => createSecretStore(place).set(name, `of ${name}`)));
  expect(await createSecretStore(place).names()).toEqual(names.sort());
});

test.each(['{', '[]', '{"name": "a"}', '{"name": "a", "value": 1}'])(
  'a damaged file %s is told, without what is in it',
  async (text) => {
    const place = join(folder, 'secrets');
    const store = createSecretStore(place);
    await store.set('a', 'b');
    const [file = ''] = await readdir(place);
    await writeFile(join(place, file), text);
    const { signal } = new AbortController();
    await expect(store.find(reference('a'), signal)).rejects.toMatchObject({ code: 'secrets-unreadable' });
    await expect(store.names()).rejects.toMatchObject({ code: 'secrets-unreadable' });
    await store.set('a', 'again');
    expect(await store.find(reference('a'), signal)).toBe('again');
  },
);

test('a secret of which a job takes several keys is asked for once', async () => {
  const store = createSecretStore(join(folder, 'secrets'));
  await store.set('object', '{"a": "1", "b": "2"}');
  let asked = 0;
  const source: SecretSource = {
    ...store,
    find(wanted, signal) {
      asked += 1;
      return store.find(wanted, signal);
    },
  };
  const job = await buildJob({ A: reference('object', 'a'), B: reference('object', 'b') });
  const found = await resolveSecrets(job, source, new AbortController().signal);
  expect(found).toMatchObject({ kind: 'resolved', variables: [{ value: '1' }, { value: '2' }] });
  expect(asked).toBe(1);
});

test('a job gets its secrets as they are, and its log never shows them', async () => {
  const { status, log } = await run(
    { TOKEN: reference('/app/token'), PASSWORD: reference('database', 'password') },
    { '/app/token': 'abc$HOME-def', database: '{"password": "from-the-object"}' },
    ['echo "<$TOKEN> <$PASSWORD>"', 'test "$TOKEN" = \'abc$HOME-def\'', 'test "$PASSWORD" = from-the-object'],
  );
  expect(log).toMatch(/<\[MASKED\]> <\[MASKED\]>/);
  expect(log).not.toContain('from-the-object');
  expect(status).toBe('success');
});

test.each([
  { what: 'that is not set', secrets: {}, said: 'slipway secret set database' },
  {
    what: 'that is no JSON',
    secrets: { database: 'plain-value' },
    said: 'no JSON object with a key password',
  },
])('a secret $what fails the job before its script', async ({ secrets, said }) => {
  const { status, log } = await run({ PASSWORD: reference('database', 'password') }, secrets, [
    'echo started',
  ]);
  expect(status).toBe('failed');
  expect(log).toContain(said);
  expect(log).not.toContain('started');
  expect(log).not.toContain('plain-value');
});

async function buildJob(secretVariables: Readonly<Record<string, SecretReference>>): Promise<BuildJob> {
  const repository = join(folder, 'project');
  await mkdir(repository);
  await writeFile(join(repository, '.gitlab-ci.yml'), 'only: {script: [echo]}');
  const { plan } = await runRequest(repository, folder, { listener: () => undefined });
  const job = plan.jobs.find((each) => each.kind === 'build');
  if (job?.kind !== 'build') throw new Error('The pipeline file of the test has no job');
  return { ...job, secretVariables };
}

async function run(
  secretVariables: Readonly<Record<string, SecretReference>>,
  secrets: Readonly<Record<string, string>>,
  script: readonly string[],
) {
  const repository = join(folder, 'project');
  await mkdir(repository);
  await writeFile(join(repository, '.gitlab-ci.yml'), 'only: {script: [replaced]}');
  const chunks: Uint8Array[] = [];
  const planned = await runRequest(repository, folder, {
    listener: (event) => {
      if (event.type === 'job-log') chunks.push(event.bytes);
    },
  });
  const store = createSecretStore(planned.folders.secrets);
  for (const [name, value] of Object.entries(secrets)) await store.set(name, value);
  const jobs = planned.plan.jobs.map((job) =>
    job.kind === 'bridge' ? job : { ...job, script, secretVariables },
  );
  const { status } = await runLocally({ ...planned, plan: { ...planned.plan, jobs } });
  return { status, log: Buffer.concat(chunks).toString() };
}

function reference(name: string, jsonKey: string | null = null): SecretReference {
  return { store: 'aws-secrets-manager', name, jsonKey, version: null, versionStage: null };
}
