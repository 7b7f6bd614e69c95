import { lstatSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createIncludeCache } from './include-cache.ts';
import { LOCK_FILE, openLockFile } from './lock-file.ts';
import { emptyLock, type LockedIncludes, parseLock, printLock } from './lock-text.ts';

const sha = (digit: string) => digit.repeat(40);
const digest = (letter: string) => `sha256-${letter.repeat(43)}=`;

const made: string[] = [];
let root = '';
let warnings: string[] = [];
const warn = (message: string) => warnings.push(message);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-lock-'));
  made.push(root);
  warnings = [];
});
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))));

function example(): LockedIncludes {
  const lock = emptyLock();
  lock.remotes.set('https://b.example/x.yml', digest('b'));
  lock.remotes.set('https://a.example/x.yml', digest('a'));
  lock.projects.set('gitlab.example/group/lib', {
    refs: new Map([
      ['~latest', { commit: sha('2'), version: '1.2.0' }],
      ['main', { commit: sha('1'), version: null }],
    ]),
    commits: new Map([
      [sha('2'), { list: digest('l'), files: new Map([['templates/one.yml', digest('t')]]) }],
      [sha('1'), { list: null, files: new Map([['__proto__', digest('p')]]) }],
      [sha('9'), { list: null, files: new Map() }],
    ]),
  });
  return lock;
}

describe('the text of a lock', () => {
  test('is sorted, and the same after it was read', () => {
    const text = printLock(example());
    const again = parseLock(text);
    expect(again === null ? null : printLock(again)).toBe(text);
    expect(text.indexOf('//a.example')).toBeLessThan(text.indexOf('//b.example'));
    expect(text).toContain('__proto__');
    expect(text).not.toContain(sha('9'));
  });

  test.each([
    '',
    'null',
    '[]',
    '{}',
    '{"version": 2, "projects": {}, "remotes": {}}',
    '{"version": 1, "projects": {}}',
    '{"version": 1, "projects": [], "remotes": {}}',
    '{"version": 1, "projects": {}, "remotes": {"x": "md5-1"}}',
    '{"version": 1, "projects": {"p": {"refs": {"main": {"commit": "--upload-pack"}}, "commits": {}}}, "remotes": {}}',
    '{"version": 1, "projects": {"p": {"refs": {}, "commits": {"../x": {"list": null, "files": {}}}}}, "remotes": {}}',
    printLock(example()).slice(0, -20),
    `<<<<<<< HEAD\n${printLock(example())}`,
  ])('is refused whole when it is not one: %s', (text) => {
    expect(parseLock(text)).toBeNull();
  });

  test('any JSON is a lock or none, never a crash', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const lock = parseLock(text);
        if (lock !== null) expect(parseLock(printLock(lock))).not.toBeNull();
      }),
    );
  });
});

describe('the file', () => {
  test('is written whole, and read again', async () => {
    const lock = await openLockFile(root, warn);
    for (const [address, value] of example().remotes) {
      lock.locked.remotes.set(address, value);
      void lock.write();
    }
    await lock.write();
    const again = await openLockFile(root, warn);
    expect(again.locked.remotes).toEqual(example().remotes);
    expect(readdirSync(join(root, '.slipway'))).toEqual(['includes.lock']);
    expect(warnings).toEqual([]);
  });

  test('a damaged one is said, not trusted, and replaced', async () => {
    await mkdir(join(root, '.slipway'));
    await writeFile(join(root, LOCK_FILE), printLock(example()).slice(1));
    const lock = await openLockFile(root, warn);
    expect(lock.locked).toEqual(emptyLock());
    expect(warnings.join()).toContain('damaged');
    await lock.write();
    expect(await readFile(join(root, LOCK_FILE), 'utf8')).toBe(printLock(emptyLock()));
  });

  test.each(['folder', 'file'])(
    'a link in the place of the %s is neither followed nor written through',
    async (what) => {
      const outside = await mkdtemp(join(tmpdir(), 'slipway-outside-'));
      made.push(outside);
      await writeFile(join(outside, 'includes.lock'), printLock(example()));
      if (what === 'folder') await symlink(outside, join(root, '.slipway'));
      else {
        await mkdir(join(root, '.slipway'));
        await symlink(join(outside, 'includes.lock'), join(root, LOCK_FILE));
      }
      const lock = await openLockFile(root, warn);
      expect(lock.locked).toEqual(emptyLock());
      await lock.write();
      expect(await readFile(join(outside, 'includes.lock'), 'utf8')).toBe(printLock(example()));
      expect(warnings).toHaveLength(1);
    },
  );

  test('that it cannot be written is said once', async () => {
    const lock = await openLockFile(join(root, 'none', '\0'), warn);
    await lock.write();
    await lock.write();
    expect(warnings).toHaveLength(1);
  });
});

describe('the cache', () => {
  const bytes = Buffer.from('a: {script: x}\n');

  test('keeps a file under its content and its origin', async () => {
    const cache = createIncludeCache(root, warn);
    const kept = await cache.put('remote https://a.example/x.yml', bytes);
    expect(await cache.get('remote https://a.example/x.yml', kept)).toEqual({ kind: 'kept', bytes });
    expect(await cache.get('remote https://b.example/x.yml', kept)).toEqual({ kind: 'absent' });
    expect(await cache.has('remote https://a.example/x.yml', kept)).toBe(true);
    expect(await cache.get('remote https://a.example/x.yml', digest('z'))).toEqual({ kind: 'absent' });
  });

  test('a damaged file is said, removed, and written again', async () => {
    const cache = createIncludeCache(root, warn);
    const kept = await cache.put('x', bytes);
    const [path = ''] = filesBelow(root);
    expect(lstatSync(path).mode & 0o077).toBe(0);
    await writeFile(path, 'evil: 1');
    expect(await cache.get('x', kept)).toEqual({ kind: 'damaged' });
    expect(warnings.join()).toContain('damaged');
    expect(await cache.has('x', kept)).toBe(false);
    await cache.put('x', bytes);
    expect(await cache.get('x', kept)).toEqual({ kind: 'kept', bytes });
  });

  test('a folder that cannot be written is said once, and nothing fails', async () => {
    await writeFile(join(root, 'file'), '');
    const cache = createIncludeCache(join(root, 'file'), warn);
    const kept = await cache.put('x', bytes);
    await cache.put('y', bytes);
    expect(await cache.get('x', kept)).toEqual({ kind: 'absent' });
    expect(warnings).toHaveLength(1);
  });
});

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
