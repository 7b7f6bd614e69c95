import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { HUB_ADDRESS } from '../world/addresses.ts';
import { output } from '../world/command.ts';
import { copyExample, type Edit } from '../world/example-repository.ts';
import { convert, logsOf, type RunReport, SLIPWAY, slipwayPush, slipwayRun } from '../world/slipway-run.ts';

const DEPLOY = 'step 2: gcloud';
const STEPS = ['INSTALL', 'LINT', DEPLOY];
const PUSH = 'push images';

/** The same build with Python's image in an engine, and with no image at all. */
const WAYS: readonly { readonly way: string; readonly executor: string; readonly edits: readonly Edit[] }[] =
  [
    { way: 'in containers', executor: 'auto', edits: [] },
    {
      way: 'without containers',
      executor: 'shell',
      edits: [
        { file: 'slipway.yml', from: 'builders:\n', to: 'builders:\n  python:3.7:\n    command: python3\n' },
      ],
    },
  ];

beforeAll(async () => {
  const state = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'slipway-test');
  await output(join(import.meta.dirname, '../images/build-all.sh'), [state, HUB_ADDRESS]);
});

describe.each(WAYS)('the build $way', ({ executor, edits }) => {
  async function run(more: readonly Edit[] = [], converted = false): Promise<RunReport> {
    const repository = await copyExample('appengine', [...edits, ...more]);
    try {
      if (converted) await convert(repository.folder);
      return await slipwayRun(repository.folder, '--executor', executor);
    } finally {
      await repository[Symbol.asyncDispose]();
    }
  }

  test('installs, lints and deploys, one step after the other', async () => {
    const report = await run();
    const expected = { INSTALL: 'success', LINT: 'success', [DEPLOY]: 'success', [PUSH]: 'manual' };
    expect(report.jobs, logsOf(report, expected)).toEqual(expected);
    expect(report).toMatchObject({ status: 'success', exitCode: 0 });
    const ends = report.changes.filter((change) => /success$|running$/.test(change));
    expect(ends).toEqual(STEPS.flatMap((step) => [`${step} running`, `${step} success`]));
    expect(report.logs.LINT).toContain('Your code has been rated at 10.00/10');
    expect(report.logs[DEPLOY]).toContain('STAND-IN for gcloud: nothing is deployed.');
    expect(deployment(report)).toMatchObject({
      service: 'default',
      runtime: 'python311',
      files: { 'app.yaml': HASH, 'main.py': HASH, 'requirements.txt': HASH },
    });
  });

  test('does the same converted to a .gitlab-ci.yml', async () => {
    const report = await run([], true);
    const expected = { INSTALL: 'success', LINT: 'success', [DEPLOY]: 'success', [PUSH]: 'manual' };
    expect(report.jobs, logsOf(report, expected)).toEqual(expected);
    expect(report.logs.LINT).toContain('Your code has been rated at 10.00/10');
    expect(deployment(report)).toMatchObject({ files: { 'main.py': HASH } });
  });

  test('does the same pushed to a server', async () => {
    await using repository = await copyExample('appengine', edits);
    const report = await slipwayPush(repository.folder, executor);
    const expected = { INSTALL: 'success', LINT: 'success', [DEPLOY]: 'success', [PUSH]: 'manual' };
    expect(report.jobs, logsOf(report, expected)).toEqual(expected);
    expect(report).toMatchObject({ status: 'success', exitCode: 0 });
    expect(report.logs.LINT).toContain('Your code has been rated at 10.00/10');
    expect(deployment(report)).toMatchObject({ files: { 'main.py': HASH } });
  });

  test('does not deploy what the linter objects to', async () => {
    const edit = { file: 'main.py', from: 'import datetime,', to: 'import date, datetime,' };
    const report = await run([edit]);
    const expected = { INSTALL: 'success', LINT: 'failed', [DEPLOY]: 'canceled', [PUSH]: 'canceled' };
    expect(report.jobs, logsOf(report, expected)).toEqual(expected);
    expect(report).toMatchObject({ status: 'failed', exitCode: 1 });
    expect(report.logs.LINT).toContain('Unused date imported from datetime (unused-import)');
  });
});

test('the build file is what people have for Cloud Build, character for character', async () => {
  const text = await readFile(join(import.meta.dirname, '../../examples/appengine/cloudbuild.yaml'));
  expect(createHash('sha256').update(text).digest('hex')).toBe(
    '8b5b5d765dcc46a121d8b013f0f68ab8e736406fa9bc66e3566159f637ec4854',
  );
});

test('list and graph show the steps and what waits for what', async () => {
  const repository = await copyExample('appengine');
  try {
    const asked = (...args: string[]) => output(SLIPWAY, args, { cwd: repository.folder });
    expect((await asked('list', '--names')).split('\n')).toEqual([...STEPS, PUSH]);
    const graph = await asked('graph');
    expect(graph).toMatch(/INSTALL ← nothing$/m);
    expect(graph).toMatch(/LINT ← INSTALL$/m);
    expect(graph).toMatch(/step 2: gcloud ← INSTALL, LINT$/m);
    expect(await asked('explain', 'LINT')).toContain('INSTALL');
    await asked('lint');
  } finally {
    await repository[Symbol.asyncDispose]();
  }
});

const HASH = expect.stringMatching(/^[0-9a-f]{12}$/);

/** What the stand-in for gcloud would have deployed. */
function deployment(report: RunReport): unknown {
  const text = /^would deploy (\{.*\})$/m.exec(report.logs[DEPLOY] ?? '')?.[1];
  return text === undefined ? null : JSON.parse(text);
}
