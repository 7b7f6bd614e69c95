import type { Blobs, Cell, Intake } from '../../store/index.ts';
import { makeRefs, packRefs, type Repositories, unpackRepository } from '../git/index.ts';
import type { ItemOf } from './backup-items.ts';
import { writeKeptFile } from './kept-files.ts';
import { type BackupEntry, damaged, TakenAway } from './read-frames.ts';

interface Places {
  readonly dataFolder: string;
  readonly intake: Intake;
  readonly repositories: Repositories;
  readonly blobs: Blobs;
}

/** Puts the entries of a backup where they belong, in the order in which they stand there. */
export async function restoreEntries(entries: AsyncIterable<BackupEntry>, places: Places): Promise<void> {
  const { dataFolder, intake, repositories, blobs } = places;
  let table: ItemOf<'table'> | null = null;
  let repository: number | null = null;
  const missing: string[] = [];

  for await (const { item, content } of entries) {
    if (item.kind !== 'refs' && item.kind !== 'repository') {
      if (repository !== null) await packRefs(repositories.folderOf(repository));
      repository = null;
    }
    switch (item.kind) {
      case 'backup':
        break;
      case 'table':
        table = item;
        break;
      case 'rows':
        if (table === null) throw damaged('a row has no table');
        await insertRows(intake, table, item.rows);
        break;
      case 'counters':
        await intake.count(item.counters);
        break;
      case 'repository':
        if (repository !== null) await packRefs(repositories.folderOf(repository));
        repository = item.project;
        await repositories.create(item.project, item.defaultBranch);
        await unpackRepository(repositories.folderOf(item.project), content);
        break;
      case 'refs':
        if (repository === null) throw damaged('a ref has no repository');
        await makeRefs(repositories.folderOf(repository), item.refs);
        break;
      case 'blob':
        if (!(await isTaken(blobs.put(item.key, content)))) missing.push(item.key);
        break;
      case 'missing':
        missing.push(item.key);
        break;
      case 'trace':
        await isTaken(restoreTrace(blobs, item.key, content));
        break;
      case 'file':
        await writeKeptFile(dataFolder, item.name, content);
        break;
    }
  }
  if (repository !== null) await packRefs(repositories.folderOf(repository));
  await settle(intake, missing);
}

async function insertRows(
  intake: Intake,
  table: ItemOf<'table'>,
  rows: ItemOf<'rows'>['rows'],
): Promise<void> {
  const names = table.columns.map(({ name }) => name);
  const isBytes = table.columns.map(({ bytes }) => bytes);
  const cellOf = (cell: string | number | null, column: number): Cell =>
    isBytes[column] === true && typeof cell === 'string' ? Buffer.from(cell, 'base64') : cell;
  await intake.insert(
    table.name,
    names,
    rows.map((row) => row.map(cellOf)),
  );
}

/** False when its source was taken away while it was being copied. */
async function isTaken(restored: Promise<unknown>): Promise<boolean> {
  try {
    await restored;
    return true;
  } catch (error) {
    if (error instanceof TakenAway) return false;
    throw error;
  }
}

async function restoreTrace({ traces }: Blobs, key: string, content: AsyncIterable<Buffer>): Promise<void> {
  let offset = 0;
  let held: Buffer[] = [];
  let size = 0;
  async function append(): Promise<void> {
    const bytes = Buffer.concat(held);
    [held, size] = [[], 0];
    const length = await traces.append(key, offset, bytes);
    if (length !== offset + bytes.length) throw new Error(`There is a log ${key} already`);
    offset = length;
  }
  for await (const chunk of content) {
    held.push(chunk);
    size += chunk.length;
    if (size >= TRACE_PART_BYTES) await append();
  }
  if (size > 0) await append();
}

const TRACE_PART_BYTES = 4 * 1024 * 1024;

/**
 * Artifacts that expired or were erased while the backup was taken are not there any more, and nobody who was carrying
 * something out is still at it.
 */
async function settle({ db }: Intake, missing: readonly string[]): Promise<void> {
  for (let from = 0; from < missing.length; from += BLOBS_AT_ONCE) {
    await db
      .deleteFrom('artifacts')
      .where('blob', 'in', missing.slice(from, from + BLOBS_AT_ONCE))
      .execute();
  }
  for (const table of ['outbox', 'timers'] as const) {
    await db.updateTable(table).set({ lease: null, leased_until: null }).execute();
  }
}

const BLOBS_AT_ONCE = 500;
