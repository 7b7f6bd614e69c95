import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../base/app-error.ts';
import { atTheEnd } from '../base/at-the-end.ts';

let folder: string | null = null;

/**
 * A folder of this process for what is fetched on the way into the cache. It is gone when the process is.
 *
 * @throws AppError `no-temporary-folder`
 */
export function scratchFolder(): string {
  if (folder !== null) return folder;
  const made = makeFolder();
  atTheEnd(() => rmSync(made, { recursive: true, force: true, maxRetries: 3 }));
  folder = made;
  return made;
}

function makeFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'slipway-fetch-'));
  } catch (cause) {
    throw new AppError('no-temporary-folder', `No folder can be made in ${tmpdir()}.`, {
      hint: 'What is fetched with git lies there for a moment: make room, or set TMPDIR to another folder.',
      cause,
    });
  }
}

/** Bytes of all files below. Files may come and go meanwhile. */
export function sizeBelow(path: string): number {
  let bytes = 0;
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}
