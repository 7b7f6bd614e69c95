import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JobCache, JobCacheKey } from '../../protocol/index.ts';
import { readTree } from '../archive/test-support/read-tree.ts';
import { recordingLog } from '../archive/test-support/recording-log.ts';
import { type Tree, temporaryFolders, writeTree } from '../archive/test-support/temporary-folder.ts';
import { resolveCacheKey } from './cache-key.ts';
import { createFolderCacheStore } from './folder-cache-store.ts';
import { restoreCaches } from './restore-caches.ts';
import { saveCaches } from './save-caches.ts';

const makeFolder = temporaryFolders();
const { signal } = new AbortController();

function cache(given: Partial<JobCache> = {}): JobCache {
  return {
    key: { kind: 'text', text: 'key' },
    paths: ['modules/'],
    untracked: false,
    policy: 'pull-push',
    when: 'on_success',
    fallbackKeys: [],
    ...given,
  };
}

async function makeWorkspace(tree: Tree = {}): Promise<string> {
  const workspace = await makeFolder();
  await writeTree(workspace, tree);
  return workspace;
}

/** A folder for caches, and the two things jobs do with it. */
async function makeCaches() {
  const folder = await makeFolder();
  const store = createFolderCacheStore(folder);
  return {
    folder,
    async save(tree: Tree, caches: readonly JobCache[], outcome: 'success' | 'failure' = 'success') {
      const log = recordingLog();
      await saveCaches({ store, caches, workspace: await makeWorkspace(tree), outcome, log, signal });
      return log.lines;
    },
    async restore(caches: readonly JobCache[], tree: Tree = {}) {
      const workspace = await makeWorkspace(tree);
      const log = recordingLog();
      const resolved = await restoreCaches({ store, caches, workspace, log, signal });
      return { files: Object.keys(await readTree(workspace)), lines: log.lines, resolved, workspace };
    },
  };
}

describe('key files', () => {
  const tree: Tree = {
    'a.lock': 'one',
    'sub/b.lock': 'two',
    'same.lock': 'one',
    link: { link: 'a.lock' },
    'dir/x': '',
  };

  function gitDigest(...contents: readonly string[]): string {
    const ids = contents.map((content) =>
      execFileSync('git', ['hash-object', '--stdin'], { input: content, encoding: 'utf8' }).trim(),
    );
    return createHash('sha1').update(ids.sort().join('-')).digest('hex');
  }

  test.each<[readonly string[], string | null, () => string]>([
    [['a.lock'], 'p', () => `p-${gitDigest('one')}`],
    [['sub/b.lock', 'a.lock'], 'p', () => `p-${gitDigest('one', 'two')}`],
    [['a.lock', 'same.lock'], 'p', () => `p-${gitDigest('one')}`],
    [['a.lock', 'gone.lock'], 'p', () => `p-${gitDigest('one')}`],
    [['./sub//b.lock'], 'p', () => `p-${gitDigest('two')}`],
    [['link'], 'p', () => `p-${gitDigest('a.lock')}`],
    [['gone.lock'], 'p', () => 'p-default'],
    [['dir'], 'p', () => 'p-default'],
    [['../a.lock', '/etc/passwd'], 'p', () => 'p-default'],
    [['a.lock', 'sub/b.lock'], null, () => `1_a_sub/b-${gitDigest('one', 'two')}`],
  ])('%j, prefix %j', async (files, prefix, expected) => {
    const key: JobCacheKey = { kind: 'files', files, prefix };
    expect(await resolveCacheKey(key, 1, await makeWorkspace(tree))).toBe(expected());
  });

  test('what the script does to them changes nothing: it saves under the key it started with', async () => {
    const caches = await makeCaches();
    const byFile = cache({ key: { kind: 'files', files: ['lock'], prefix: 'p' } });
    const { resolved, workspace } = await caches.restore([byFile], { lock: 'before' });
    await writeFile(join(workspace, 'lock'), 'after');
    await caches.save({ lock: 'after', 'modules/x': '' }, resolved);
    expect((await caches.restore([byFile], { lock: 'before' })).files).toContain('modules/x');
    expect((await caches.restore([byFile], { lock: 'after' })).files).not.toContain('modules/x');
  });
});

test.each(['feature/x', '../../etc', '.', '/', ''])(
  'the key %j stays inside the folder and works',
  async (text) => {
    const caches = await makeCaches();
    const one = cache({ key: { kind: 'text', text } });
    await caches.save({ 'modules/x': '' }, [one]);
    expect((await caches.restore([one])).files).toEqual(['modules', 'modules/x']);
    expect((await readdir(caches.folder)).length).toBe(1);
  },
);

describe('policy and when', () => {
  test.each([
    ['pull-push', true, true],
    ['pull', true, false],
    ['push', false, true],
    ['nonsense', true, true],
  ])('%s: restores %s, saves %s', async (policy, restores, saves) => {
    const caches = await makeCaches();
    await caches.save({ 'modules/old': '' }, [cache()]);
    expect((await caches.restore([cache({ policy })])).files.includes('modules/old')).toBe(restores);
    await caches.save({ 'modules/new': '' }, [cache({ policy })]);
    expect((await caches.restore([cache()])).files.includes('modules/new')).toBe(saves);
  });

  test.each([
    ['on_success', 'success', true],
    ['on_success', 'failure', false],
    ['on_failure', 'success', false],
    ['on_failure', 'failure', true],
    ['always', 'success', true],
    ['always', 'failure', true],
  ] as const)('%s after %s: saves %s', async (when, outcome, saves) => {
    const caches = await makeCaches();
    await caches.save({ 'modules/x': '' }, [cache({ when })], outcome);
    expect((await caches.restore([cache()])).files.length > 0).toBe(saves);
  });
});

test('the first fallback key that has a cache is used when the key has none', async () => {
  const caches = await makeCaches();
  await caches.save({ 'modules/main': '' }, [cache({ key: { kind: 'text', text: 'main' } })]);
  await caches.save({ 'modules/other': '' }, [cache({ key: { kind: 'text', text: 'other' } })]);
  const { files, lines } = await caches.restore([cache({ fallbackKeys: ['', 'gone', 'main', 'other'] })]);
  expect(files).toEqual(['modules', 'modules/main']);
  expect(lines).toEqual([
    'Checking cache for key...',
    'Checking cache for gone...',
    'Checking cache for main...',
    'Restored cache main: 1 file, 0 bytes',
  ]);
});

test('several caches of a job are each their own', async () => {
  const caches = await makeCaches();
  const two = [cache(), cache({ key: { kind: 'text', text: 'pip' }, paths: ['.pip'] })];
  await caches.save({ 'modules/x': '', '.pip/y': '' }, two);
  expect((await caches.restore(two)).files).toEqual(['.pip', '.pip/y', 'modules', 'modules/x']);
  expect((await caches.restore(two.slice(1))).files).toEqual(['.pip', '.pip/y']);
});

describe('a cache never fails a job', () => {
  test('nothing to cache keeps what was there', async () => {
    const caches = await makeCaches();
    await caches.save({ 'modules/x': '' }, [cache()]);
    expect((await caches.save({}, [cache()])).at(-1)).toMatch(/^WARNING: nothing to cache/);
    expect((await caches.restore([cache()])).files).toContain('modules/x');
  });

  test('a damaged cache is a warning, and the fallback is tried', async () => {
    const caches = await makeCaches();
    await caches.save({ 'modules/x': 'x'.repeat(5_000) }, [cache()]);
    const [name = ''] = await readdir(caches.folder);
    await truncate(join(caches.folder, name), 40);
    await caches.save({ 'modules/y': '' }, [cache({ key: { kind: 'text', text: 'main' } })]);
    const { files, lines } = await caches.restore([cache({ fallbackKeys: ['main'] })]);
    expect(files).toContain('modules/y');
    expect(lines.some((line) => line.startsWith('WARNING: Cache key could not be restored: '))).toBe(true);
  });

  test('a folder that cannot be written is a warning', async () => {
    const caches = await makeCaches();
    await rm(caches.folder, { recursive: true });
    await writeFile(caches.folder, '');
    const lines = await caches.save({ 'modules/x': '' }, [cache()]);
    expect(lines.at(-1)).toMatch(/^WARNING: The cache could not be saved: /);
  });

  test('but an abort ends it', async () => {
    const store = createFolderCacheStore(await makeFolder());
    const reason = new Error('enough');
    const workspace = await makeWorkspace({ 'modules/x': '' });
    const saving = saveCaches({
      store,
      caches: [cache()],
      workspace,
      outcome: 'success',
      log: recordingLog(),
      signal: AbortSignal.abort(reason),
    });
    await expect(saving).rejects.toBe(reason);
  });
});
