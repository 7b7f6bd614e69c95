import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SecretReference } from '../../pipeline/index.ts';
import { runLocally } from '../local-run.ts';
import { runRequest } from '../test-support/run-request.ts';
import { createSecretStore } from './secret-store.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-secrets-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a store keeps any name and value, in a file for its owner alone, and leaves nothing beside it', async () => {
  const file = join(folder, 'deep', 'secrets.json');
  const store = createSecretStore(file);
  const odd = 'two\nlines and "quotes" $HOME';
  await store.set('__proto__', odd);
  await store.set('/app/token', 'first');
  await store.set('/app/token', 'second');
  expect(await createSecretStore(file).names()).toEqual(['/app/token', '__proto__']);
  expect(await store.find(reference('__proto__'))).toBe(odd);
  expect(await store.find(reference('/app/token'))).toBe('second');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await store.remove('/app/token')).toBe(true);
  expect(await store.remove('/app/token')).toBe(false);
  expect(await store.find(reference('/app/token'))).toBeNull();
  expect(await readdir(join(folder, 'deep'))).toEqual(['secrets.json']);
});

test.each(['{', '[]', '{"a": 1}'])('a damaged file %s is told and not replaced', async (text) => {
  const file = join(folder, 'secrets.json');
  await writeFile(file, text);
  await expect(createSecretStore(file).set('a', 'b')).rejects.toMatchObject({ code: 'secrets-unreadable' });
  expect(await readFile(file, 'utf8')).toBe(text);
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
