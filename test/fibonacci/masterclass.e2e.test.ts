import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { masterclassSettings, writeSettings } from '../world/ci-settings.ts';
import { copyExample } from '../world/example-repository.ts';
import { logsOf, slipwayRun } from '../world/slipway-run.ts';
import { startWorld, type World } from '../world/world.ts';

let world: World;
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'slipway-settings-'));
  world = await startWorld();
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true });
});

test("the master class's own pipeline runs unchanged, from the unit tests to the smoke test", async () => {
  const settings = join(scratch, 'settings.json');
  await writeSettings(settings, masterclassSettings(world));
  const repository = await copyExample('fibonacci');
  try {
    const report = await slipwayRun(
      repository.folder,
      ...['--file', 'masterclass.gitlab-ci.yml', '--var-file', settings],
    );
    const everyJob = {
      tests: 'success',
      flake8: 'success',
      fibonacci_8: 'success',
      build: 'success',
      deploy: 'success',
      smoke: 'success',
    };
    expect(report.jobs, logsOf(report, everyJob)).toEqual(everyJob);
    expect(report).toMatchObject({ status: 'success', exitCode: 0 });
    expect(report.tests.tests).toMatchObject({ total: 24, failed: 0 });
    expect(report.logs.fibonacci_8).toContain('"fibonacci": 21');
    expect(report.logs.deploy).toContain('failed=0');
    expect(report.logs.smoke).toContain('"status": "ok"');
  } finally {
    await repository[Symbol.asyncDispose]();
  }
  expect(await world.hub.tags('zhendrikse/harvest-masterclass')).toEqual(['latest']);
  const answer = await fetch(`http://${world.host.address}/api/fibonacci/100`);
  expect(await answer.text()).toBe('{"n": 100, "fibonacci": 354224848179261915075}');
});
