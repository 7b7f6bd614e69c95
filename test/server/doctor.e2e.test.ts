import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { type DoctorRequest, type Finding, runDoctor } from '../../src/server/index.ts';
import { startTestedServer } from '../../src/server/test-support/running-server.ts';
import { privatePostgres } from '../store/private-postgres.ts';
import { s3Server } from '../store/s3-server.ts';

const postgres = await privatePostgres();
const s3 = await s3Server();
afterAll(() => postgres?.stop());
afterAll(() => (typeof s3 === 'string' ? undefined : s3.stop()));

test('doctor finds nothing wrong with a server on PostgreSQL and S3', async ({ skip }) => {
  if (postgres === null) return skip('no PostgreSQL 15 or newer is installed');
  if (typeof s3 === 'string') return skip(s3);
  const dataFolder = await newFolder();
  const places = { dataFolder, database: await postgres.addDatabase(), blobs: s3.address };
  const { server } = await startTestedServer(places);
  const findings = await diagnose({ ...places, url: server.address, clock: systemClock });
  const about = findings.filter(({ area }) =>
    ['database', 'storage', 'server', 'repositories'].includes(area),
  );
  expect(about.filter(({ level }) => level !== 'ok')).toEqual([]);
  expect(about.map(({ found }) => found)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^PostgreSQL \d+.* with schema/),
      expect.stringMatching(/^The clock of the database differs/),
      'Two servers cannot both write the same part of a log.',
    ]),
  );
});

test('doctor finds a storage that takes what it should refuse', async ({ skip }) => {
  if (typeof s3 === 'string') return skip(s3);
  const careless = await withoutConditions(s3.address);
  const findings = await diagnose({ dataFolder: await newFolder(), blobs: careless, clock: systemClock });
  expect(findings).toContainEqual({
    level: 'problem',
    area: 'storage',
    found: expect.stringMatching(/does not know If-None-Match/),
    mend: expect.stringMatching(/Use one that does/),
  });
});

/** The same storage, behind something that knows no conditions. */
async function withoutConditions(address: string): Promise<string> {
  const url = new URL(address);
  const target = new URL(url.searchParams.get('endpoint') ?? '');
  const proxy = createServer((asked, answer) => {
    const { 'if-none-match': _, ...headers } = asked.headers;
    const passed = request(
      { host: target.hostname, port: target.port, path: asked.url, method: asked.method, headers },
      (response) => {
        answer.writeHead(response.statusCode ?? 500, response.headers);
        response.pipe(answer);
      },
    );
    asked.pipe(passed);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => void proxy.close());
  const bound = proxy.address();
  url.searchParams.set('endpoint', `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}`);
  return url.href;
}

async function diagnose(asked: DoctorRequest): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of runDoctor(asked)) findings.push(finding);
  return findings;
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-doctor-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'data');
}
