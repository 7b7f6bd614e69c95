import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What some folders held, down to the last entry, and when each entry last changed; equal texts mean nothing did. */
export type TreeRecord = string;

/**
 * Looks at folders and all that is below them. A change of an entry's content, owner, mode or attributes shows in its
 * change time, which nobody can set. A folder that is gone is recorded as such. Meant for folders that are all but
 * empty: a tree of more than a hundred entries is never equal to another record.
 */
export function recordTree(folders: readonly string[]): TreeRecord {
  const lines: string[] = [];
  for (const folder of folders) {
    if (!record(folder, lines)) return `too large: ${++tooLarge}`;
  }
  return lines.join('\n');
}

let tooLarge = 0;

const MOST_ENTRIES = 100;

function record(path: string, lines: string[]): boolean {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  lines.push(stats === undefined ? `${path} -` : `${path} ${stats.ino} ${stats.mode} ${stats.ctimeNs}`);
  if (lines.length > MOST_ENTRIES) return false;
  if (stats?.isDirectory() !== true) return true;
  return readdirSync(path).every((name) => record(join(path, name), lines));
}
