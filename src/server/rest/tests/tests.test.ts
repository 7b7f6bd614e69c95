import { expect, test } from 'vitest';
import { finishJob, takeJob, uploadArtifact } from '../../test-support/driven-jobs.ts';
import { startTestedServer, type TestedServer } from '../../test-support/running-server.ts';
import { askRest } from '../test-support/ask-rest.ts';

const FILE = 'test: {script: [make test], parallel: 2, artifacts: {reports: {junit: x.xml}}}\n';

async function open() {
  const tested = await startTestedServer();
  const ask = askRest(tested, tested.adminToken);
  const project = `/projects/${tested.projectId}`;
  /** A pipeline whose first job reports these cases, and whose second reports nothing. */
  const run = async (cases: string): Promise<number> => {
    await tested.push({ '.gitlab-ci.yml': FILE, changed: cases });
    const [first, second] = [await takeJob(tested), await takeJob(tested)];
    await report(tested, first, cases);
    for (const job of [first, second]) await finishJob(tested, job);
    const pipeline = Number(first.variables.CI_PIPELINE_ID);
    await expect
      .poll(async () => (await ask('GET', `${project}/pipelines/${pipeline}/test_report_summary`)).json)
      .toMatchObject({ test_suites: [{ build_ids: [first.id] }] });
    return pipeline;
  };
  return { tested, ask, project, run };
}

const passes = '<testcase classname="C" name="a" time="2"/><testcase name="b" file="b.py" time="0.5"/>';
const fails =
  '<testcase classname="C" name="a" time="2"><failure message="no">at a</failure></testcase><testcase name="b"><skipped/></testcase>';

test('what tests came to is told as GitLab does', async () => {
  const { ask, project, run } = await open();
  const pipeline = await run(fails);
  expect(await ask('GET', `${project}/pipelines/${pipeline}/test_report_summary`)).toMatchObject({
    status: 200,
    json: {
      total: { time: 2, count: 2, success: 0, failed: 1, skipped: 1, error: 0, suite_error: null },
      test_suites: [{ name: 'test 1/2', total_count: 2, suite_error: null }],
    },
  });
  expect(await ask('GET', `${project}/pipelines/${pipeline}/test_report`)).toMatchObject({
    status: 200,
    json: {
      total_count: 2,
      test_suites: [
        {
          name: 'test 1/2',
          test_cases: [
            { status: 'failed', name: 'a', classname: 'C', execution_time: 2, system_output: 'no\nat a' },
            { status: 'skipped', name: 'b', classname: 's', system_output: null },
          ],
        },
      ],
    },
  });
});

test('a pipeline without tests has a report without suites', async () => {
  const { tested, ask, project } = await open();
  await tested.push({ '.gitlab-ci.yml': FILE });
  expect(await ask('GET', `${project}/pipelines/1/test_report`)).toMatchObject({
    status: 200,
    json: { total_count: 0, test_suites: [] },
  });
});

test('the history says what is new, slow, flaky, and since when a test fails', async () => {
  const { ask, project, run } = await open();
  const first = await run(passes);
  const second = await run(fails);
  const third = await run(`${fails} `);
  expect(await ask('GET', `${project}/pipelines/${second}/new_test_failures`)).toMatchObject({
    json: [{ name: 'a', job: 'test', suite: 's' }],
  });
  expect(await ask('GET', `${project}/pipelines/${third}/new_test_failures`)).toMatchObject({ json: [] });
  expect(await ask('GET', `${project}/tests?name=a`)).toMatchObject({ json: [{ name: 'a', runs: 3 }] });
  expect(await ask('GET', `${project}/tests/slowest?per_page=1`)).toMatchObject({
    json: [{ name: 'a', mean_time: 2 }],
  });
  expect(await ask('GET', `${project}/tests/flaky`)).toMatchObject({ json: [] });
  const [{ id }] = (await ask('GET', `${project}/tests?name=a`)).json as [{ readonly id: number }];
  expect(await ask('GET', `${project}/tests/${id}`)).toMatchObject({
    json: {
      ref: 'main',
      last_run: { pipeline_id: third, status: 'failed' },
      failing_since: { pipeline_id: second },
      last_success: { pipeline_id: first },
    },
  });
  expect((await ask('GET', `${project}/tests/${id}/runs?ref=main&per_page=2`)).json).toHaveLength(2);
  expect((await ask('GET', `${project}/tests/999`)).status).toBe(404);
});

test('all jobs of a parallel one get shares of one split, whatever is learned meanwhile', async () => {
  const { tested, run } = await open();
  await run(passes);
  await tested.push({ changed: 'again' });
  const [first, second] = [await takeJob(tested), await takeJob(tested)];
  const tests = ['C', 'b.py', 'new'];
  const share = (job: typeof first, index: number, given = tests) =>
    askRest(tested, null)(
      'POST',
      '/job/test_split',
      { tests: given, index, total: 2 },
      { 'JOB-TOKEN': job.token },
    );
  const one = await share(first, 1);
  // C takes 2 seconds, b.py half of one, and the new one the median of both.
  expect(one).toMatchObject({ status: 200, json: { tests: ['C'], known: 2, differs: false } });
  await report(tested, first, '<testcase name="b" file="b.py" time="99"/>');
  expect(await share(second, 2, tests.toReversed())).toMatchObject({
    json: { tests: ['new', 'b.py'], known: null, differs: false },
  });
  expect(await share(second, 2, ['other'])).toMatchObject({ json: { differs: true } });
  expect((await share(second, 3)).status).toBe(400);
});

async function report(
  tested: TestedServer,
  job: Parameters<typeof finishJob>[1],
  cases: string,
): Promise<void> {
  const bytes = new Uint8Array(Buffer.from(`<testsuite name="s">${cases}</testsuite>`));
  await uploadArtifact(tested, job, { type: 'junit', format: 'raw', name: 'x.xml', bytes });
}
