import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findRecordedJob } from './job-records.ts';

let runs: string;

beforeEach(async () => {
  runs = await mkdtemp(join(tmpdir(), 'slipway-records-'));
});
afterEach(() => rm(runs, { recursive: true, force: true }));

const wanted = { folder: '/p', ref: 'main', job: 'build' };
const kept = (jobId: number) => ({ jobId, hasArchive: true, dotenv: [], passed: true });

test('the newest run in which the job passed for the ref has it', async () => {
  await write('2024-01-01', [{ ...wanted, outputs: kept(1) }]);
  await write('2024-01-02', [{ ...wanted, outputs: kept(2) }]);
  await write('2024-01-03', [{ ...wanted, ref: 'topic', outputs: kept(3) }]);
  await write('2024-01-04', [{ ...wanted, folder: '/other', outputs: kept(4) }]);
  const found = await findRecordedJob(runs, wanted);
  expect(found).toEqual({ record: join(runs, '2024-01-02'), outputs: kept(2) });
});

test.each<readonly [string, unknown]>([
  ['half a file', '[{"folder": "/p", "re'],
  ['no list', '{"folder": "/p"}'],
  ['no object', '[null, 7, "x"]'],
  ['no numbers', JSON.stringify([{ ...wanted, outputs: { ...kept(1), jobId: 'one' } }])],
  ['no outputs', JSON.stringify([wanted])],
])('%s is passed over', async (_, text) => {
  await write('2024-01-01', [{ ...wanted, outputs: kept(1) }]);
  await mkdir(join(runs, '2024-01-02'));
  await writeFile(join(runs, '2024-01-02', 'jobs.json'), String(text));
  expect((await findRecordedJob(runs, wanted))?.outputs.jobId).toBe(1);
});

test('where nothing ran nothing is found', async () => {
  expect(await findRecordedJob(join(runs, 'none'), wanted)).toBeNull();
});

async function write(name: string, jobs: readonly unknown[]): Promise<void> {
  await mkdir(join(runs, name));
  await writeFile(join(runs, name, 'jobs.json'), JSON.stringify(jobs));
}
