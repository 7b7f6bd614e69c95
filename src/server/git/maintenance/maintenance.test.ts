import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../base/clock.ts';
import { git, putCommit } from '../commits/test-support/hosted.ts';
import { createPipelineRefs } from '../pipeline-refs.ts';
import { openRepositories, type Repositories } from '../repositories.ts';
import { createMaintenance, type Maintenance, type MaintenanceLimits } from './maintenance.ts';

let root: string;
let repositories: Repositories;
let folder: string;
let failures: unknown[];
let cleared: string[];
const opened: Maintenance[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-maintenance-'));
  repositories = await openRepositories(root);
  await repositories.create(1, 'main');
  folder = repositories.folderOf(1);
  failures = [];
  cleared = [];
});
afterEach(async () => {
  for (const maintenance of opened.splice(0)) await maintenance[Symbol.asyncDispose]();
  await rm(root, { recursive: true });
});

function open(limits: Partial<MaintenanceLimits> = {}): Maintenance {
  const maintenance = createMaintenance({
    ...{ repositories, clock: systemClock },
    failed: (error) => failures.push(error),
    removed: (paths) => cleared.push(...paths),
    limits: { quietMs: 0, ...limits },
  });
  opened.push(maintenance);
  return maintenance;
}

async function packs(): Promise<number> {
  return (await readdir(join(folder, 'objects/pack'))).filter((name) => name.endsWith('.pack')).length;
}

/** As many pushes as that, each a pack of its own. */
async function pushes(count: number): Promise<string> {
  let parent = await putCommit(folder, 'refs/heads/main', { a: randomUUID() }, { packed: true });
  for (let index = 1; index < count; index++) {
    const files = { a: randomUUID() };
    parent = await putCommit(folder, 'refs/heads/main', files, { parent, packed: true });
  }
  return parent;
}

describe('looking after a repository', () => {
  test('joins packs and refs, and throws no object away', async () => {
    const lost = await putCommit(folder, 'refs/heads/side', { b: 'lost' }, { packed: true });
    git(folder, ['update-ref', '-d', 'refs/heads/side']);
    const last = await pushes(25);
    const refs = Array.from({ length: 300 }, (_, index) => `create refs/heads/b${index} ${last}\n`);
    git(folder, ['update-ref', '--stdin'], refs.join(''));
    expect(await packs()).toBeGreaterThan(20);
    await open().look();
    expect(failures).toEqual([]);
    expect(await packs()).toBeLessThan(5);
    expect(await readdir(join(folder, 'refs/heads'))).toEqual([]);
    expect(git(folder, ['cat-file', '-t', lost])).toBe('commit');
    expect(git(folder, ['rev-list', '--count', 'main'])).toBe('25');
    git(folder, ['fsck', '--strict']);
  });

  test('makes the graph of a large history that came at once', async () => {
    await putCommit(folder, 'refs/heads/main', { a: randomBytes(12_000_000) }, { packed: true });
    await open().look();
    expect(failures).toEqual([]);
    git(folder, ['commit-graph', 'verify']);
    expect(await readdir(join(folder, 'objects/info/commit-graphs'))).toContain('commit-graph-chain');
  });

  test('is left alone when there is nothing to do, or somebody is pushing', async () => {
    await pushes(3);
    await open().look();
    expect(await packs()).toBe(3);
    await pushes(25);
    const end = repositories.activity.begin(1);
    await open().look();
    expect(await packs()).toBeGreaterThan(20);
    end();
    await open({ quietMs: 3_600_000 }).look();
    expect(await packs()).toBeGreaterThan(20);
  });

  test('gives way to a push, but not for ever', async () => {
    await pushes(25);
    const maintenance = open({ patience: 2 });
    const interrupted = async (): Promise<number> => {
      const looking = maintenance.look();
      const timer = setInterval(() => repositories.activity.begin(1)(), 1);
      await looking;
      clearInterval(timer);
      return packs();
    };
    for (let round = 0; round < 50 && (await interrupted()) > 20; round++);
    expect(await packs()).toBeLessThan(5);
    expect(failures).toEqual([]);
    git(folder, ['fsck', '--strict']);
  });

  test('that is damaged is reported, and the others are looked after', async () => {
    await repositories.create(2, 'main');
    await pushes(25);
    await writeFile(join(folder, 'objects/pack', `pack-${'1'.repeat(40)}.pack`), 'no pack');
    await writeFile(join(folder, 'objects/pack', `pack-${'1'.repeat(40)}.idx`), 'no index');
    const old = join(repositories.folderOf(2), 'HEAD.lock');
    await writeFile(old, '');
    await utimes(old, 0, 0);
    await open().look();
    expect(cleared).toEqual(['HEAD.lock']);
    await expect(stat(old)).rejects.toThrow('ENOENT');
  });
});

test('what a killed git left is cleared away once it is old', async () => {
  const sha = await pushes(1);
  const leftovers = [
    ...['packed-refs.lock', 'HEAD.lock', 'refs/heads/main.lock', 'refs/heads/deep/er.lock'],
    ...['objects/pack/tmp_pack_abc', 'objects/pack/.tmp-12-pack-ab.pack', 'objects/info/commit-graph.lock'],
  ];
  const quarantine = 'objects/tmp_objdir-incoming-x';
  await mkdir(join(folder, 'refs/heads/deep'), { recursive: true });
  await mkdir(join(folder, 'objects/info'), { recursive: true });
  await mkdir(join(folder, quarantine, 'pack'), { recursive: true });
  await writeFile(join(folder, quarantine, 'pack/tmp_pack_1'), '');
  for (const path of leftovers) await writeFile(join(folder, path), '');
  const maintenance = open();
  await maintenance.look();
  expect(cleared).toEqual([]);
  for (const path of [...leftovers, quarantine, `${quarantine}/pack`]) await utimes(join(folder, path), 0, 0);
  // It is old, but what is in it still grows.
  repositories.activity.touch(1);
  await maintenance.look();
  expect(cleared.sort()).toEqual([...leftovers].sort());
  await utimes(join(folder, quarantine, 'pack/tmp_pack_1'), 0, 0);
  repositories.activity.touch(1);
  await maintenance.look();
  expect(cleared).toContain(quarantine);
  expect(git(folder, ['rev-parse', 'main'])).toBe(sha);
  git(folder, ['update-ref', 'refs/heads/main', sha]);
});

describe('refs of pipelines', () => {
  test('keep a commit for runners until they are released, and it stays all the same', async () => {
    const refs = createPipelineRefs(repositories);
    const sha = await putCommit(folder, 'refs/heads/main', { a: '1' });
    await refs.keepForPipeline(1, 7, sha);
    await refs.keepForPipeline(1, 7, sha);
    await putCommit(folder, 'refs/heads/main', { a: '2' });
    expect(git(folder, ['rev-parse', 'refs/pipelines/7'])).toBe(sha);
    git(folder, ['pack-refs', '--all']);
    await refs.release(1, [7, 8]);
    expect(git(folder, ['for-each-ref', 'refs/pipelines'])).toBe('');
    await refs.keepForPipeline(1, 7, sha);
    await refs.release(2, [7]);
    await refs.release(1, []);
  });

  test('are not made for what is no commit', async () => {
    const refs = createPipelineRefs(repositories);
    await expect(refs.keepForPipeline(1, 7, '1'.repeat(40))).rejects.toMatchObject({ code: 'git-failed' });
    await expect(refs.keepForPipeline(1, 7, '--stdin')).rejects.toThrow(RangeError);
    await expect(refs.keepForPipeline(1, -7, '1'.repeat(40))).rejects.toThrow(RangeError);
  });
});
