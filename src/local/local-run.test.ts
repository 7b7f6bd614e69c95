import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { type LocalRunRequest, runLocally } from './local-run.ts';
import type { RunEvent } from './run-events.ts';
import { runRequest } from './test-support/run-request.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-local-run-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a display that fails ends the run with its error, and no job runs on', async () => {
  const request = await requestFor(
    `
long: {script: ['echo begun', 'sleep 1000 & wait']}
queued: {script: [sleep 1000]}
`,
    (event) => {
      if (event.type === 'job-log' && /^begun$/m.test(Buffer.from(event.bytes).toString())) {
        throw new Error('no more paper');
      }
    },
  );
  await expect(runLocally(request)).rejects.toThrow('no more paper');
  expect(await readdir(request.folders.scratch)).toEqual([]);
});

test('every change of a job is told in order, and what it left comes before its end', async () => {
  const events: RunEvent[] = [];
  const request = await requestFor('only: {script: [echo hello]}', (event) => void events.push(event));
  const result = await runLocally(request);
  expect(result).toMatchObject({ status: 'success', passed: true });
  const told = events.flatMap((event) =>
    event.type === 'job-status' ? [event.status] : event.type === 'job-log' ? [] : [event.type],
  );
  expect(told).toEqual([
    'pipeline-started',
    'pending',
    'running',
    'job-ended',
    'success',
    'pipeline-finished',
  ]);
});

test('nothing takes less than no time when the time of day is set back', async () => {
  const seconds: number[] = [];
  let now = Date.now();
  const request = await requestFor('only: {script: [echo hello]}', (event) => {
    if ('seconds' in event && event.seconds !== null) seconds.push(event.seconds);
  });
  const clock = { ...systemClock, now: () => (now -= 3_600_000) };
  await runLocally({ ...request, clock });
  expect(seconds.length).toBeGreaterThan(2);
  expect(Math.min(...seconds)).toBeGreaterThanOrEqual(0);
});

async function requestFor(text: string, listener: LocalRunRequest['listener']): Promise<LocalRunRequest> {
  const repository = join(folder, 'project');
  await rm(repository, { recursive: true, force: true });
  await mkdir(repository);
  await writeFile(join(repository, '.gitlab-ci.yml'), text);
  return runRequest(repository, folder, { listener });
}
