import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { administratorToken, noteAddress } from '../first-start.ts';
import { startTestedServer, type TestedServer } from '../test-support/running-server.ts';
import type { Finding } from './finding.ts';
import { runDoctor } from './run-doctor.ts';

test('nothing is wrong with a server that has what it needs', async () => {
  const { tested, dataFolder } = await started();
  await noteAddress(dataFolder, tested.server.address);
  await tested.ask('POST', '/jobs/request', { token: tested.runnerToken, system_id: 's', info: {} });
  const findings = await diagnose(dataFolder, tested.server.address);
  // What the machine of the test has is not ours to judge.
  expect(findings.filter(({ area, level }) => level !== 'ok' && area !== 'machine')).toEqual([]);
  const areas = new Set(findings.map(({ area }) => area));
  expect([...areas].sort()).toEqual(
    ['database', 'files', 'machine', 'repositories', 'runners', 'server', 'storage', 'work'].sort(),
  );
  const rows = await tested.server.parts.store.read((db) =>
    db.selectFrom('timers').select('kind').where('kind', '=', 'doctor').execute(),
  );
  expect(rows).toEqual([]);
});

describe('it finds, and says how to mend', () => {
  const cases: readonly (readonly [
    string,
    (at: { tested: TestedServer; dataFolder: string }) => Promise<unknown>,
    string,
    RegExp,
    RegExp,
  ])[] = [
    [
      'a folder that others may read',
      ({ dataFolder }) => chmod(dataFolder, 0o755),
      'files',
      /Others may look into/,
      /chmod 700/,
    ],
    [
      'a token that others may read',
      ({ dataFolder }) => chmod(join(dataFolder, 'admin.token'), 0o644),
      'files',
      /Others may read .*admin\.token/,
      /chmod 600/,
    ],
    [
      'runners that were never there',
      ({ tested }) => tested.push({ a: '1' }),
      'runners',
      /None of 1 runners has been heard of/,
      /Start them/,
    ],
    [
      'steps of a build that no official runner takes',
      async ({ tested }) => {
        await tested.ask('POST', '/jobs/request', { token: tested.runnerToken, system_id: 's', info: {} });
        await tested.push({ 'cloudbuild.yaml': 'steps: [{name: bash, script: x}]\n' });
      },
      'runners',
      /1 jobs without tags of team\/app wait/,
      /only `slipway runner` and `slipway up` take/,
    ],
    [
      'jobs that nobody takes',
      async ({ tested }) => {
        await tested.ask('POST', '/jobs/request', { token: tested.runnerToken, system_id: 's', info: {} });
        await tested.push({ '.gitlab-ci.yml': 'a:\n  tags: [gpu, large]\n  script: [x]\n' });
      },
      'runners',
      /1 jobs with the tags gpu, large of team\/app wait/,
      /Start a runner with these tags/,
    ],
    [
      'a project without its repository',
      ({ tested, dataFolder }) =>
        rename(tested.server.parts.repositories.folderOf(tested.projectId), join(dataFolder, 'gone')),
      'repositories',
      /1 projects have no repository: team\/app/,
      /Restore a backup/,
    ],
    [
      'a repository without a project',
      ({ tested }) => tested.server.parts.repositories.create(77, 'main'),
      'repositories',
      /1 repositories belong to no project: 77\.git/,
      /Move them/,
    ],
    [
      'what is not carried out',
      ({ tested }) => addStuck(tested),
      'work',
      /1 entries of nobody are to be carried out/,
      /Is a server running/,
    ],
    [
      'a timer that did not go off',
      ({ tested }) => addTimer(tested),
      'work',
      /1 timers should have gone off/,
      /Delayed jobs/,
    ],
  ];

  test.each(cases)('%s', async (_, hurt, area, found, mend) => {
    const at = await started();
    await hurt(at);
    const findings = await diagnose(at.dataFolder);
    const bad = findings.filter((finding) => finding.area === area && finding.level !== 'ok');
    expect(bad.map((finding) => finding.found)).toContainEqual(expect.stringMatching(found));
    expect(bad.map((finding) => finding.mend)).toContainEqual(expect.stringMatching(mend));
  });

  test('that there is no server at all', async () => {
    const folder = await newFolder();
    const nowhere = await diagnose(join(folder, 'none'), 'http://127.0.0.1:9');
    expect(problems(nowhere)).toEqual([
      ['files', expect.stringMatching(/There is no data folder/)],
      ['server', expect.stringMatching(/does not answer/)],
    ]);
    await mkdir(join(folder, 'empty'), { mode: 0o700 });
    expect(problems(await diagnose(join(folder, 'empty')))).toEqual([
      ['database', expect.stringMatching(/no such file/)],
    ]);
  });

  test('a database that is none, and one of a newer program', async () => {
    const { tested, dataFolder } = await started();
    await tested.server.parts.store.write(({ db }) =>
      db.insertInto('schema_migrations').values({ version: 999, name: 'later', applied_at: 0 }).execute(),
    );
    expect(problems(await diagnose(dataFolder))).toContainEqual([
      'database',
      expect.stringMatching(/this program knows/),
    ]);
    const folder = await newFolder();
    await writeFile(join(folder, 'slipway.db'), 'x'.repeat(10_000), { mode: 0o600 });
    expect(problems(await diagnose(folder))).toContainEqual([
      'database',
      expect.stringMatching(/cannot be read/),
    ]);
  });
});

async function started() {
  const folder = await newFolder();
  const dataFolder = join(folder, 'data');
  const tested = await startTestedServer({ dataFolder });
  await administratorToken(tested.server.parts, dataFolder);
  return { tested, dataFolder };
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-doctor-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function diagnose(dataFolder: string, url?: string): Promise<readonly Finding[]> {
  const found = runDoctor({ dataFolder, ...(url === undefined ? {} : { url }), clock: systemClock });
  const findings: Finding[] = [];
  for await (const finding of found) findings.push(finding);
  return findings;
}

function problems(findings: readonly Finding[]): readonly (readonly [string, string])[] {
  const bad = findings.filter(({ level, area }) => level === 'problem' && area !== 'machine');
  return bad.map(({ area, found }) => [area, found]);
}

function addStuck({ server }: TestedServer): Promise<unknown> {
  const then = Date.now() - 3600_000;
  const row = { topic: 'nobody', key: 'k', body: '{}', attempts: 0, due_at: then, created_at: then };
  return server.parts.store.write(({ db }) => db.insertInto('outbox').values(row).execute());
}

function addTimer({ server }: TestedServer): Promise<unknown> {
  // Somebody who died has taken it.
  const lease = { lease: 'gone', leased_until: Date.now() + 600_000 };
  const row = { kind: 'nobody', key: 'k', body: '{}', due_at: Date.now() - 3600_000, ...lease };
  return server.parts.store.write(({ db }) => db.insertInto('timers').values(row).execute());
}
