import { isBlobKey } from '../../store/index.ts';
import { isServedRef } from '../git/index.ts';
import type { BackupItem, ItemOf } from './backup-items.ts';
import { isKeptName } from './kept-files.ts';
import { type BackupEntry, damaged, readBackup, TakenAway } from './read-frames.ts';

/** What is in a backup. */
export interface BackupContents {
  readonly head: ItemOf<'backup'>;
  readonly counts: Readonly<Record<BackupItem['kind'], number>>;
  readonly rows: Readonly<Record<string, number>>;
  /** Unpacked: of blobs and logs, and of everything else. */
  readonly bytes: { readonly files: number; readonly rest: number };
}

/**
 * Reads a backup to its end, so that it is known to be whole and to lead nowhere but where it should before anything is
 * made of it. `mostBytes` is what it may take up when it is unpacked. Throws an AppError as `readBackup` does, and
 * `backup-too-large`.
 */
export async function checkBackup(
  path: string,
  refuse: (bytes: BackupContents['bytes']) => void = () => undefined,
): Promise<BackupContents> {
  const counts: Record<BackupItem['kind'], number> = { ...NONE };
  const rows: Record<string, number> = {};
  const bytes = { files: 0, rest: 0 };
  let head: ItemOf<'backup'> | null = null;
  let table: ItemOf<'table'> | null = null;

  for await (const { item, content } of readBackup(path)) {
    if ((head === null) !== (item.kind === 'backup')) throw damaged('it does not begin as one does');
    if (item.kind === 'backup') head = item;
    checkNames(item);
    counts[item.kind] += 1;
    if (item.kind === 'table') table = item;
    if (item.kind === 'rows') {
      const columns = table?.columns.length;
      if (table === null || item.rows.some((row) => row.length !== columns))
        throw damaged('a row has no table');
      rows[table.name] = (rows[table.name] ?? 0) + item.rows.length;
      for (const row of item.rows)
        for (const cell of row) bytes.rest += typeof cell === 'string' ? cell.length : 8;
    }
    for await (const length of lengths(content)) {
      bytes[item.kind === 'blob' || item.kind === 'trace' ? 'files' : 'rest'] += length;
      refuse(bytes);
    }
    refuse(bytes);
  }
  if (head === null) throw damaged('there is nothing in it');
  return { head, counts, rows, bytes };
}

const NONE: Readonly<Record<BackupItem['kind'], number>> = {
  ...{ backup: 0, table: 0, rows: 0, counters: 0, repository: 0, refs: 0 },
  ...{ blob: 0, trace: 0, missing: 0, file: 0, end: 0, seal: 0 },
};

/** Whoever makes a backup by hand must not reach anything outside of what is restored. */
function checkNames(item: BackupEntry['item']): void {
  switch (item.kind) {
    case 'blob':
    case 'trace':
      if (!isBlobKey(item.key)) throw damaged(`${JSON.stringify(item.key)} is no name of a blob`);
      return;
    case 'file':
      if (!isKeptName(item.name)) throw damaged(`${JSON.stringify(item.name)} is no name of a file`);
      return;
    case 'refs':
      for (const [ref] of item.refs) {
        if (!isServedRef(ref)) throw damaged(`${JSON.stringify(ref)} is no name of a ref`);
      }
      return;
    default:
  }
}

async function* lengths(content: AsyncIterable<Buffer>): AsyncGenerator<number> {
  try {
    for await (const { length } of content) yield length;
  } catch (error) {
    if (!(error instanceof TakenAway)) throw error;
  }
}
