import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { exampleSettings, writeSettings } from '../world/ci-settings.ts';
import { output } from '../world/command.ts';
import { copyExample, type Edit } from '../world/example-repository.ts';
import { logsOf, slipwayRun } from '../world/slipway-run.ts';
import { startWorld, type World } from '../world/world.ts';

const REPOSITORY = 'zhendrikse/harvest-masterclass';

let world: World;
let scratch: string;
let settings: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'slipway-settings-'));
  settings = join(scratch, 'settings.json');
  world = await startWorld();
  await writeSettings(settings, exampleSettings(world));
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true });
});

beforeEach(() => world.host.reset());

const ALL_SUCCEED = {
  tests: 'success',
  flake8: 'success',
  pylint: 'success',
  mypy: 'success',
  build: 'success',
  fibonacci_8: 'success',
  publish: 'success',
  deploy: 'success',
  smoke: 'success',
};

const NOTHING_RELEASED = { publish: 'skipped', deploy: 'skipped', smoke: 'skipped' };

test('the image that is built is the one that is tested, published and deployed', async () => {
  const repository = await copyExample('fibonacci');
  try {
    const report = await slipwayRun(repository.folder, '--var-file', settings);
    expect(report.jobs, logsOf(report, ALL_SUCCEED)).toEqual(ALL_SUCCEED);
    expect(report).toMatchObject({ status: 'success', exitCode: 0 });

    const sha = await output('git', ['-C', repository.folder, 'rev-parse', '--short=8', 'HEAD']);
    const version = `1.0.0-dev.g${sha}`;
    expect(await world.hub.tags(REPOSITORY)).toEqual([version]);

    const built = /^IMAGE_ID=(sha256:.*)$/m.exec(report.logs.build ?? '')?.[1];
    const deployed = await world.host.run(
      'docker',
      'inspect',
      'fibonacci-api',
      '--format={{.Image}} {{.Config.Image}}',
    );
    expect(deployed).toBe(`${built} ${REPOSITORY}@${await world.hub.digest(REPOSITORY, version)}`);

    const ping = await fetch(`http://${world.host.address}/api/ping`);
    expect(await ping.json()).toEqual({ status: 'ok', version });
  } finally {
    await repository[Symbol.asyncDispose]();
  }
});

interface Breakage {
  readonly what: string;
  readonly edit: Edit;
  /** The jobs that notice. */
  readonly failing: readonly string[];
  /** What the log of the integration test says about it. */
  readonly message: string;
}

const BREAKAGES: readonly Breakage[] = [
  {
    what: 'a number is wrong',
    edit: {
      file: 'app/fibonacci.py',
      from: '"fibonacci": fibonacci(number)',
      to: '"fibonacci": fibonacci(number) + 1',
    },
    failing: ['tests', 'fibonacci_8'],
    message: '/api/fibonacci/8: wrong answer',
  },
  {
    what: 'the container dies',
    edit: { file: 'Dockerfile', from: '"fibonacci:app"', to: '"fibonacci:no_such_app"' },
    failing: ['fibonacci_8'],
    message: "the container's log",
  },
  {
    what: 'an address is wrong',
    edit: { file: 'ci/check_api.py', from: '"/api/fibonacci/8"', to: '"/api/fibonaci/8"' },
    failing: ['fibonacci_8'],
    message: 'expected status 200, got 404',
  },
  {
    what: 'a status is wrong',
    edit: {
      file: 'Dockerfile',
      from: 'COPY app/fibonacci.py ./',
      to: 'COPY app/fibonacci.py ./\nRUN sed -i s/HTTPBadRequest/HTTPConflict/ fibonacci.py',
    },
    failing: ['fibonacci_8'],
    message: 'expected status 400, got 409',
  },
];

for (const { what, edit, failing, message } of BREAKAGES) {
  test(`when ${what}, the integration test fails and nothing is released`, async () => {
    const repository = await copyExample('fibonacci', [edit]);
    try {
      const report = await slipwayRun(repository.folder, '--var-file', settings);
      const expected = {
        ...ALL_SUCCEED,
        ...NOTHING_RELEASED,
        ...Object.fromEntries(failing.map((job) => [job, 'failed'])),
      };
      expect(report.jobs, logsOf(report, expected)).toEqual(expected);
      expect(report).toMatchObject({ status: 'failed', exitCode: 1 });
      expect(report.logs.fibonacci_8).toContain(message);
    } finally {
      await repository[Symbol.asyncDispose]();
    }
    expect(await world.host.run('docker', 'ps', '--quiet')).toBe('');
  });
}

test('when production does not answer as it should, the smoke test fails', async () => {
  const repository = await copyExample('fibonacci', [
    { file: 'ci/smoke-test.sh', from: 'expect /api/ping', to: 'expect /api/pong' },
  ]);
  try {
    const report = await slipwayRun(repository.folder, '--var-file', settings);
    const expected = { ...ALL_SUCCEED, smoke: 'failed' };
    expect(report.jobs, logsOf(report, expected)).toEqual(expected);
    expect(report.exitCode).toBe(1);
  } finally {
    await repository[Symbol.asyncDispose]();
  }
});
