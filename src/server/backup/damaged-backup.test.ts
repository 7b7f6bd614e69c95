import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AppError } from '../../base/app-error.ts';
import { systemClock } from '../../base/clock.ts';
import { openStore } from '../../store/index.ts';
import { type BackupItem, FRAME, MAGIC } from './backup-items.ts';
import { checkBackup, restoreBackup, takeBackup } from './index.ts';
import { contentFrames, itemFrame, sealed } from './write-frames.ts';

const HEAD: BackupItem = { kind: 'backup', program: 'test', schema: 1, takenAt: 0, database: 'sqlite' };
const SHA = 'a'.repeat(40);

describe('a backup is refused, and leaves nothing behind', () => {
  const hostile: readonly (readonly [string, readonly BackupItem[]])[] = [
    ['a file outside of the data folder', [HEAD, { kind: 'file', name: '../../etc/cron.d/evil' }]],
    ['a file with an absolute name', [HEAD, { kind: 'file', name: '/etc/passwd' }]],
    ['a file in a folder that is not for it', [HEAD, { kind: 'file', name: 'repositories/.hooks' }]],
    ['a file in the place of the database', [HEAD, { kind: 'file', name: 'slipway.db-wal' }]],
    ['a blob outside of its storage', [HEAD, { kind: 'blob', key: 'artifacts/../../../evil' }]],
    ['a log outside of its storage', [HEAD, { kind: 'trace', key: '/tmp/evil' }]],
    ['a table that is not of Slipway', [HEAD, table('sqlite_schema'), { kind: 'rows', rows: [['x']] }]],
    ['the table of the schema', [HEAD, table('schema_migrations'), { kind: 'rows', rows: [['9']] }]],
    [
      'a column that is none',
      [HEAD, table('projects', 'id) values (1); --'), { kind: 'rows', rows: [['x']] }],
    ],
    [
      'rows that are longer than their table',
      [HEAD, table('projects'), { kind: 'rows', rows: [['x', 'y']] }],
    ],
    ['rows without a table', [HEAD, { kind: 'rows', rows: [['x']] }]],
    ['a ref that leads out', [HEAD, repository('main'), refs('refs/heads/../../hooks/post-update')]],
    ['a ref that is a second line', [HEAD, repository('main'), refs('refs/heads/a\ndelete refs/heads/main')]],
    ['a ref whose commit is not there', [HEAD, repository('main'), refs('refs/heads/main')]],
    ['a branch that is an option', [HEAD, repository('--upload-pack=evil')]],
    ['refs without a repository', [HEAD, refs('refs/heads/main')]],
    ['nothing at all', []],
    ['no head', [table('projects')]],
    ['two heads', [HEAD, HEAD]],
  ];

  test.each(hostile)('%s', async (_, items) => {
    const { folder, data } = await newFolder();
    const file = join(folder, 'evil');
    await writeBackup(file, items);
    await expect(restore(file, data)).rejects.toThrow();
    expect(existsSync(join(data, 'slipway.db'))).toBe(false);
    expect(existsSync(join(folder, 'evil-was-here'))).toBe(false);
    await expectEmpty(data);
  });

  test('one of a newer schema', async () => {
    const { folder, data } = await newFolder();
    await writeBackup(join(folder, 'new'), [{ ...HEAD, schema: 999 }]);
    await expect(restore(join(folder, 'new'), data)).rejects.toMatchObject({ code: 'backup-too-new' });
  });

  test('one that is cut off, or changed, at whatever place', async () => {
    const { folder, data } = await newFolder();
    const good = await goodBackup(folder);
    const bytes = await readFile(good);
    const contents = await checkBackup(good);
    const step = Math.max(1, Math.floor(bytes.length / 60));
    for (let at = 0; at < bytes.length; at += step) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 0x10;
      for (const [name, changed] of [
        ['cut', bytes.subarray(0, at)],
        ['flipped', flipped],
      ] as const) {
        await writeFile(join(folder, name), changed);
        const answer = await checkBackup(join(folder, name)).catch(codeOf);
        // Some bits of the compression's own head and end mean nothing: then everything is as it was.
        const isUnhurt = isDeepStrictEqual(answer, contents) && (at < 100 || at > bytes.length - 50);
        expect(isUnhurt ? 'backup-damaged' : answer, `${name} at ${at}`).toMatch(
          /^backup-(damaged|unreadable)$/,
        );
      }
    }
    await writeBackup(join(folder, 'more'), [HEAD], { behind: itemFrame(HEAD) });
    await expect(checkBackup(join(folder, 'more'))).rejects.toMatchObject({ code: 'backup-damaged' });
    expect(existsSync(data)).toBe(false);
  });

  test('one that is larger than the disk when it is unpacked', async () => {
    const { folder, data } = await newFolder();
    const file = join(folder, 'bomb');
    // A frame that says it is four gigabytes long, in some kilobytes.
    const frame = Buffer.alloc(5);
    frame.writeUInt8(FRAME.item, 0);
    frame.writeUInt32BE(0xffff_ffff, 1);
    await writeFile(
      file,
      Buffer.concat([Buffer.from(MAGIC), zstdCompressSync(Buffer.concat([frame, Buffer.alloc(50_000_000)]))]),
    );
    await expect(restore(file, data)).rejects.toMatchObject({ code: 'backup-damaged' });
    const refuse = ({ files }: { files: number }) => {
      if (files > 10_000_000) throw new Error('too much');
    };
    await writeBackup(file, [HEAD, { kind: 'blob', key: 'artifacts/a' }], {
      content: Buffer.alloc(50_000_000),
    });
    await expect(checkBackup(file, refuse)).rejects.toThrow('too much');
  });

  test('one that no backup is', async () => {
    const { folder } = await newFolder();
    await writeFile(join(folder, 'text'), 'hello');
    await expect(checkBackup(join(folder, 'text'))).rejects.toMatchObject({ code: 'backup-unreadable' });
    await expect(checkBackup(join(folder, 'none'))).rejects.toMatchObject({ code: 'backup-unreadable' });
  });
});

test('a backup is restored into empty places only, and written over nothing', async () => {
  const { folder, data } = await newFolder();
  const good = await goodBackup(folder);
  await mkdir(data);
  await writeFile(join(data, 'mine'), 'kept');
  await expect(restore(good, data)).rejects.toMatchObject({ code: 'restore-not-empty' });
  expect(await readFile(join(data, 'mine'), 'utf8')).toBe('kept');
  const again = { dataFolder: join(folder, 'server'), file: good, program: 'test', clock: systemClock };
  await expect(takeBackup({ ...again, replace: false })).rejects.toMatchObject({
    code: 'backup-not-written',
  });
  await takeBackup({ ...again, replace: true });
  expect(await readdir(folder)).toEqual(['data', 'good', 'server']);
});

function table(name: string, column = 'id'): BackupItem {
  return { kind: 'table', name, columns: [{ name: column, bytes: false }] };
}

function repository(defaultBranch: string): BackupItem {
  return { kind: 'repository', project: 1, defaultBranch };
}

function refs(name: string): BackupItem {
  return { kind: 'refs', refs: [[name, SHA]] };
}

/** A backup made by hand, whose sums are right. */
async function writeBackup(
  file: string,
  items: readonly BackupItem[],
  { content = NOTHING, behind = NOTHING }: { readonly content?: Buffer; readonly behind?: Buffer } = {},
): Promise<void> {
  async function* frames() {
    for (const item of items) {
      yield itemFrame(item);
      if (['file', 'blob', 'trace', 'repository'].includes(item.kind)) yield* contentFrames(parts(content));
    }
  }
  const all: Buffer[] = [];
  for await (const frame of sealed(frames())) all.push(frame);
  await writeFile(
    file,
    Buffer.concat([Buffer.from(MAGIC), zstdCompressSync(Buffer.concat([...all, behind]))]),
  );
}

const NOTHING = Buffer.alloc(0);

async function* parts(content: Buffer) {
  yield content;
}

async function goodBackup(folder: string): Promise<string> {
  const dataFolder = join(folder, 'server');
  await using store = await openStore({ database: dataFolder });
  await store.write(async ({ db }) => {
    const row = { path: 'a', name: 'a', default_branch: 'main', settings: '{}', created_at: 0 };
    await db.insertInto('projects').values(row).execute();
  });
  const file = join(folder, 'good');
  await takeBackup({ dataFolder, file, replace: false, program: 'test', clock: systemClock });
  return file;
}

function codeOf(error: unknown): string {
  return error instanceof AppError ? error.code : String(error);
}

function restore(file: string, dataFolder: string) {
  return restoreBackup({ file, dataFolder, clock: systemClock });
}

async function newFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-damaged-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return { folder, data: join(folder, 'data') };
}

async function expectEmpty(folder: string): Promise<void> {
  expect(await readdir(folder)).toEqual([]);
}
