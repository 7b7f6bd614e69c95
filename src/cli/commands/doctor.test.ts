import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startTestedServer } from '../../server/test-support/running-server.ts';
import { callProgram } from '../test-support/call-program.ts';

test('doctor says what is wrong, and the exit code says whether anything is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-doctor-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const data = join(folder, 'data');
  const { ask, runnerToken } = await startTestedServer({ dataFolder: data });
  await ask('POST', '/jobs/request', { token: runnerToken, system_id: 's', info: {} });
  const well = await callProgram(folder, ['doctor', '--data', data]);
  expect(well.stdout).toMatch(/✓ database {5}A write is on the disk/);
  expect(well.stdout).toMatch(/^0 problems, /m);
  expect(well.exitCode).toBe(0);

  const nowhere = await callProgram(folder, ['doctor', '--data', join(folder, 'none'), '--json']);
  const findings = nowhere.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(findings).toContainEqual({
    level: 'problem',
    area: 'files',
    found: expect.stringMatching(/There is no data folder/),
    mend: expect.any(String),
  });
  expect(nowhere.exitCode).toBe(1);
});
