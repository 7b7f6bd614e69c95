import { expect, test } from 'vitest';
import { askRest } from '../../src/server/rest/test-support/ask-rest.ts';
import { finishJob, takeJob, writeLog } from '../../src/server/test-support/driven-jobs.ts';
import { startTestedServer, type TestedServer } from '../../src/server/test-support/running-server.ts';
import { privatePostgres } from '../store/private-postgres.ts';

const AT = '/projects/team%2Fapp';

/** What is asked of both databases after the same has happened. */
const QUESTIONS = [
  '/projects?search=APP&per_page=1',
  '/projects?pagination=keyset&sort=asc',
  AT,
  `${AT}/pipelines`,
  `${AT}/pipelines?ref=main&status=failed`,
  `${AT}/pipelines?scope=finished&sort=asc`,
  `${AT}/pipelines?scope=tags`,
  `${AT}/pipelines?scope=branches&per_page=1&page=2`,
  `${AT}/pipelines?source=api&created_after=2001-01-01T00:00:00Z`,
  `${AT}/pipelines?updated_before=2001-01-01T00:00:00Z`,
  `${AT}/pipelines/1`,
  `${AT}/pipelines/1/jobs?include_retried=true`,
  `${AT}/pipelines/1/bridges`,
  `${AT}/pipelines/2/variables`,
  `${AT}/pipelines/latest`,
  `${AT}/jobs?scope=failed&scope=manual&per_page=2`,
  `${AT}/jobs?pagination=keyset&per_page=2`,
  `${AT}/jobs/1`,
  `${AT}/jobs/1/trace`,
  `${AT}/variables`,
  `${AT}/protected_branches`,
  `${AT}/pipeline_schedules`,
  `${AT}/pipelines/1/test_report`,
  `${AT}/runners`,
  `${AT}/access_tokens`,
  '/runners/all',
  '/runners/1',
  '/personal_access_tokens?state=active',
];

test('PostgreSQL answers what SQLite answers', async ({ skip }) => {
  const postgres = await privatePostgres();
  if (postgres === null) return skip('no PostgreSQL 15 or newer, and none is given by SLIPWAY_TEST_POSTGRES');
  const one = await startTestedServer();
  const other = await startTestedServer({ database: await postgres.addDatabase() });
  for (const tested of [one, other]) await live(tested);
  for (const question of QUESTIONS) {
    const [sqlite, there] = [await answer(one, question), await answer(other, question)];
    expect(there, question).toEqual(sqlite);
    expect(sqlite, question).toMatchObject({ status: 200 });
  }
});

async function live(tested: TestedServer): Promise<void> {
  const admin = askRest(tested, tested.adminToken);
  await admin('POST', '/projects', { name: 'Another 100% app_', visibility: 'public' });
  await admin('POST', `${AT}/variables`, { key: 'A', value: '1' });
  await admin('POST', `${AT}/access_tokens`, { name: 'bot', scopes: ['read_api'] });
  await tested.push({
    '.gitlab-ci.yml': 'build:\n  script: [make]\nlater:\n  when: manual\n  script: [x]\n',
  });
  const job = await takeJob(tested);
  await writeLog(tested, job, 'hello\n');
  await finishJob(tested, job, { state: 'failed', failure_reason: 'script_failure', exit_code: 2 });
  await admin('POST', `${AT}/jobs/1/retry`);
  await finishJob(tested, await takeJob(tested), { state: 'failed', failure_reason: 'script_failure' });
  await admin('POST', `${AT}/pipeline`, { ref: 'main', variables: [{ key: 'B', value: '2' }] });
  await admin('POST', `${AT}/pipelines/2/cancel`);
  await admin('DELETE', '/projects/2');
}

/** Without what tells one server from the other: times and addresses. */
async function answer(tested: TestedServer, path: string) {
  const { status, text, headers } = await askRest(tested, tested.adminToken)('GET', path);
  const same = (value: string | null) => value?.replaceAll(tested.server.address, 'http://server') ?? null;
  return {
    status,
    next: headers.get('x-next-page'),
    link: same(headers.get('link')),
    text: same(text)
      ?.replaceAll(/"\d{4}-\d\d-\d\dT[^"]*"/g, '"time"')
      .replaceAll(/"(duration|queued_duration)":[\d.]+/g, '"$1":0')
      .replaceAll(/"[0-9a-f]{8}(?:[0-9a-f]{32})?"/g, '"sha"'),
  };
}
