import { expect, test } from 'vitest';
import { finishJob, takeJob, uploadArtifact, writeLog } from '../test-support/driven-jobs.ts';
import { startTestedServer, type TestedServer } from '../test-support/running-server.ts';
import { zipOf } from '../test-support/zip-of.ts';
import { askRest } from './test-support/ask-rest.ts';

const AT = '/projects/team%2Fapp';

test('artifacts are downloaded whole, in part, by file, and by the name of a branch', async () => {
  const { tested, admin } = await withArtifacts();
  const whole = await admin('GET', `${AT}/jobs/1/artifacts`);
  expect(whole.status).toBe(200);
  expect(whole.headers.get('content-disposition')).toBe('attachment; filename="artifacts.zip"');
  expect(await admin('GET', `${AT}/jobs/1/artifacts`, undefined, { Range: 'bytes=0-1' })).toMatchObject({
    status: 206,
    text: 'PK',
  });
  expect(await admin('GET', `${AT}/jobs/1/artifacts/out/a%20b.txt`)).toMatchObject({
    status: 200,
    text: 'made',
  });
  for (const path of ['out/none', '..%2F..%2Fetc%2Fpasswd', 'out/']) {
    expect(await admin('GET', `${AT}/jobs/1/artifacts/${path}`)).toMatchObject({ status: 404 });
  }
  const byRef = `${AT}/jobs/artifacts/main`;
  expect(await admin('GET', `${byRef}/raw/out/a%20b.txt?job=build`)).toMatchObject({
    status: 200,
    text: 'made',
  });
  expect(await admin('GET', `${byRef}/download?job=build`)).toMatchObject({ status: 200 });
  expect(await admin('GET', `${byRef}/download?job=other`)).toMatchObject({ status: 404 });
  expect(await askRest(tested, null)('GET', `${AT}/jobs/1/artifacts`)).toMatchObject({ status: 404 });

  await tested.push({ more: '1' });
  const next = await takeJob(tested);
  const asJob = (path: string) =>
    askRest(tested, null)('GET', path, undefined, { 'JOB-TOKEN': next.token }).then(({ status }) => status);
  expect(await asJob(`${AT}/jobs/1/artifacts`)).toBe(200);
  expect(await asJob(`${AT}/jobs/1`)).toBe(403);
  expect(await asJob('/runners')).toBe(403);
});

test('a job that is over is erased: its log and files are gone, and it says when', async () => {
  const { tested, admin } = await withArtifacts();
  expect(await admin('POST', `${AT}/jobs/1/artifacts/keep`)).toMatchObject({
    json: { artifacts_expire_at: null },
  });
  expect(await admin('POST', `${AT}/jobs/1/erase`)).toMatchObject({
    status: 201,
    json: { erased_at: expect.any(String), artifacts: [] },
  });
  expect(await admin('GET', `${AT}/jobs/1/artifacts`)).toMatchObject({ status: 404 });
  await expect.poll(() => filesOf(tested)).toEqual([]);
  await expect.poll(async () => (await admin('GET', `${AT}/jobs/1/trace`)).text).toBe('');
});

test('a pipeline is removed when it is over, and a project with all that is in it', async () => {
  const { tested, admin } = await withArtifacts();
  const { store, repositories } = tested.server.parts;
  await tested.push({ more: '1' });
  await takeJob(tested);
  expect(await admin('DELETE', `${AT}/pipelines/1`)).toMatchObject({ status: 204 });
  expect(await admin('GET', `${AT}/pipelines/1`)).toMatchObject({ status: 404 });
  expect(await admin('GET', `${AT}/jobs/1`)).toMatchObject({ status: 404 });
  await expect.poll(() => filesOf(tested)).toEqual([]);

  expect(await admin('DELETE', AT)).toMatchObject({ status: 202 });
  expect(await admin('GET', AT)).toMatchObject({ status: 404 });
  expect(await admin('POST', '/projects', { path: 'app', namespace_path: 'team' })).toMatchObject({
    status: 201,
  });
  await expect.poll(() => repositories.exists(tested.projectId)).toBe(false);
  await expect
    .poll(() => store.read((db) => db.selectFrom('projects').select('id').execute()))
    .toEqual([{ id: tested.projectId + 1 }]);
  expect(await store.read((db) => db.selectFrom('jobs').select('id').execute())).toEqual([]);
});

async function withArtifacts() {
  const tested = await startTestedServer();
  const admin = askRest(tested, tested.adminToken);
  await tested.push({ '.gitlab-ci.yml': 'build:\n  script: [make]\n' });
  const job = await takeJob(tested);
  await writeLog(tested, job, 'hello\n');
  const bytes = zipOf('out/a b.txt', 'made');
  await uploadArtifact(tested, job, { type: 'archive', format: 'zip', name: 'artifacts.zip', bytes });
  await finishJob(tested, job, { state: 'success' });
  return { tested, admin };
}

async function filesOf({ server }: TestedServer): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of server.parts.blobs.list('artifacts/')) keys.push(key);
  return keys;
}
