import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  flakyTests,
  jobById,
  type StoredTestReport,
  testReportsOf,
  testResultsOf,
} from '../../store/index.ts';
import type { TestDatabases } from '../../store/test-support/test-databases.ts';
import { type GivenJob, takeJob, uploadArtifact } from '../test-support/driven-jobs.ts';
import { startTestedServer, type TestedServer } from '../test-support/running-server.ts';

const FILE = (coverage = '') => `
test:
  script: [make test]
  ${coverage}
  artifacts:
    reports: {junit: '*.xml'}
`;

const first = '<testsuite name="s"><testcase name="a" time="0.5"/></testsuite>';
const second =
  '<testsuite name="t"><testcase name="b" time="1"><failure message="no">at b</failure></testcase></testsuite>';

/** What is read of what jobs have left. */
export function describeReports(databases: TestDatabases): void {
  describe(`reports on ${databases.name}`, () => {
    test('what runners send of tests is read: several files in one', async () => {
      const tested = await startTestedServer({ database: await databases.create() });
      await tested.push({ '.gitlab-ci.yml': FILE() });
      const job = await takeJob(tested);
      // As runners do it: each file is a gzip of its own, one after the other.
      const bytes = Buffer.concat([first, second].map((text) => gzipSync(text)));
      await upload(tested, job, { type: 'junit', format: 'gzip', name: 'junit.xml.gz', bytes });
      await expect.poll(() => reports(tested)).toMatchObject([{ total: 2, failed: 1, milliseconds: 1500 }]);
      const results = await tested.server.parts.store.read((db) => testResultsOf(db, job.id, { limit: 10 }));
      expect(
        results.map(({ suite, name, outcome, output }) => [suite, name, outcome, output]).sort(),
      ).toEqual([
        ['s', 'a', 'success', null],
        ['t', 'b', 'failed', 'no\nat b'],
      ]);
    });

    test('what other tools than JUnit write is read, too', async () => {
      const tested = await startTestedServer({ database: await databases.create() });
      await tested.push({ '.gitlab-ci.yml': FILE() });
      const job = await takeJob(tested);
      const nunit = [
        '<test-run><test-case name="a" classname="s" result="Passed" duration="0.5"/></test-run>',
        '<test-run><test-case name="b" classname="t" result="Failed"><failure><message>no</message></failure></test-case></test-run>',
      ];
      const bytes = Buffer.concat(nunit.map((text) => gzipSync(text)));
      await upload(tested, job, { type: 'nunit', format: 'gzip', name: 'nunit.gz', bytes });
      await expect.poll(() => reports(tested)).toMatchObject([{ total: 2, failed: 1, milliseconds: 500 }]);
      const junit = gzipSync('<testsuite name="u"><testcase name="c" time="1"/></testsuite>');
      await upload(tested, job, { type: 'junit', format: 'gzip', name: 'junit.xml.gz', bytes: junit });
      await expect.poll(() => reports(tested)).toMatchObject([{ total: 3, failed: 1, milliseconds: 1500 }]);
      const results = await tested.server.parts.store.read((db) => testResultsOf(db, job.id, { limit: 10 }));
      expect(
        results.map(({ suite, name, outcome, output }) => [suite, name, outcome, output]).sort(),
      ).toEqual([
        ['s', 'a', 'success', null],
        ['t', 'b', 'failed', 'no'],
        ['u', 'c', 'success', null],
      ]);
    });

    test('a bomb, a zip and what is no gzip are told with the report, and stop nothing', async () => {
      const tested = await startTestedServer({
        database: await databases.create(),
        log: { level: 'silent', write: () => undefined },
        limits: { testReportBytes: 1024 * 1024 },
      });
      const file = ['a', 'b', 'c', 'd']
        .map((name) => `${name}: {script: [x], artifacts: {reports: {junit: x.xml}}}`)
        .join('\n');
      await tested.push({ '.gitlab-ci.yml': file });
      const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024, ' '));
      const bad = [bomb, Buffer.from('PK no gzip'), gzipSync(first).subarray(0, 30), gzipSync(first)];
      for (const bytes of bad) {
        const job = await takeJob(tested);
        await upload(tested, job, { type: 'junit', format: 'gzip', name: 'junit.xml.gz', bytes });
      }
      await expect
        .poll(async () => (await reports(tested)).map(({ total, problem }) => [total, problem]), {
          timeout: 30_000,
        })
        .toEqual([
          [0, 'it has more than 1048576 bytes'],
          [0, 'it is no whole gzip'],
          [expect.any(Number), 'it is no whole gzip'],
          [1, null],
        ]);
    });

    test('a test that passes when its job is retried is flaky', async () => {
      const tested = await startTestedServer({ database: await databases.create() });
      await tested.push({ '.gitlab-ci.yml': FILE('retry: 1') });
      for (const text of [second, second.replace(/<failure.*failure>/, '')]) {
        const job = await takeJob(tested);
        await upload(tested, job, {
          type: 'junit',
          format: 'raw',
          name: 'junit.xml',
          bytes: Buffer.from(text),
        });
        const state = text === second ? 'failed' : 'success';
        await tested.ask('PUT', `/jobs/${job.id}`, {
          token: job.token,
          state,
          failure_reason: 'script_failure',
        });
      }
      const { store } = tested.server.parts;
      await expect
        .poll(() => store.read((db) => flakyTests(db, tested.projectId, { since: 0, limit: 5 })))
        .toMatchObject([{ name: 'b', commits: 1 }]);
    });

    test('coverage is what the log says, and else what the report says', async () => {
      const tested = await startTestedServer({ database: await databases.create() });
      await tested.push({ '.gitlab-ci.yml': FILE("coverage: '/Lines: (\\d+\\.\\d+)%/'") });
      const job = await takeJob(tested);
      const cobertura = Buffer.from(
        '<?xml version="1.0"?><coverage line-rate="0.51" lines-valid="9"><packages/></coverage>',
      );
      await upload(tested, job, {
        type: 'cobertura',
        format: 'gzip',
        name: 'c.xml.gz',
        bytes: gzipSync(cobertura),
      });
      await expect.poll(() => coverage(tested, job.id)).toBe('51');
      await finishWith(tested, job, 'Lines: 10.0%\nLines: 87.25%\nno more\n');
      await expect.poll(() => coverage(tested, job.id)).toBe('87.25');
    });

    test('coverage is found in a log whose lines begin with the time', async () => {
      const tested = await startTestedServer({ database: await databases.create() });
      await tested.push({ '.gitlab-ci.yml': FILE("coverage: '/^Lines: (\\d+)%$/'") });
      const time = '2026-11-29T12:58:37.123456Z 01O';
      const job = await takeJob(tested);
      await finishWith(tested, job, `${time} Lines: 87%\n${time} Lines: 9% of one\n`);
      await expect.poll(() => coverage(tested, job.id)).toBe('87');
    });
  });
}

async function finishWith(tested: TestedServer, job: GivenJob, log: string): Promise<void> {
  const headers = { 'JOB-TOKEN': job.token, 'Content-Range': `0-${log.length - 1}` };
  await tested.ask('PATCH', `/jobs/${job.id}/trace`, log, headers);
  await tested.ask('PUT', `/jobs/${job.id}`, { token: job.token, state: 'success' });
}

async function coverage({ server }: TestedServer, id: number): Promise<string | null | undefined> {
  return (await server.parts.store.read((db) => jobById(db, id)))?.coverage;
}

function reports({ server }: TestedServer): Promise<readonly StoredTestReport[]> {
  return server.parts.store.read((db) => testReportsOf(db, 1));
}

function upload(
  tested: TestedServer,
  job: GivenJob,
  {
    bytes,
    ...file
  }: { readonly type: string; readonly format: string; readonly name: string; readonly bytes: Uint8Array },
): Promise<void> {
  return uploadArtifact(tested, job, { ...file, bytes: new Uint8Array(bytes) });
}
