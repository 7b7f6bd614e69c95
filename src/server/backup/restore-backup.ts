import { link, mkdir, readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import type { Clock } from '../../base/clock.ts';
import { type Blobs, fillDatabase, openBlobs } from '../../store/index.ts';
import { openRepositories, syncFolders } from '../git/index.ts';
import { type BackupContents, checkBackup } from './check-backup.ts';
import { readBackup } from './read-frames.ts';
import { restoreEntries } from './restore-entries.ts';
import type { ServerPlaces } from './take-backup.ts';

export interface RestoreRequest extends ServerPlaces {
  readonly file: string;
  readonly clock: Clock;
}

/**
 * Makes an empty data folder, database and storage what they were when the backup was taken; which of the databases and
 * storages it came from does not matter. The file is read twice: first to its end, before anything is made of it. The
 * database is there only when all the rest is, so a server never starts on half of a backup, and when something fails,
 * what was made is removed.
 *
 * Throws an AppError: `restore-not-empty`, `database-not-empty`, `backup-too-large`, `backup-too-new`, and those of
 * `checkBackup` and of what it writes to.
 */
export async function restoreBackup(request: RestoreRequest): Promise<BackupContents> {
  const { file, dataFolder, clock } = request;
  await refuseFiles(dataFolder);
  const contents = await checkBackup(file, await spaceLimit(dataFolder, request.blobs !== undefined));

  await using blobs = await openBlobs({ place: request.blobs ?? join(dataFolder, 'files') });
  await refuseBlobs(blobs, request.blobs ?? dataFolder);
  const staged = join(dataFolder, STAGE);
  try {
    const repositories = await openRepositories(join(dataFolder, 'repositories'));
    const database = request.database ?? staged;
    await fillDatabase({ database, schema: contents.head.schema, clock }, (intake) =>
      restoreEntries(readBackup(file), { dataFolder, intake, repositories, blobs }),
    );
    // Not a rename, which would write over what a server that was started too early has made.
    if (request.database === undefined) await link(join(staged, DATABASE), join(dataFolder, DATABASE));
    await rm(staged, { recursive: true, force: true });
    await syncFolders([dataFolder]);
    return contents;
  } catch (error) {
    await takeBack(file, dataFolder, blobs);
    throw error;
  }
}

const DATABASE = 'slipway.db';
/** Where the database is filled before it is whole. */
const STAGE = '.restoring';

async function refuseFiles(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // The root of a file system of its own has this.
  const found = (await readdir(folder)).filter((name) => name !== 'lost+found');
  if (found.length === 0) return;
  throw notEmpty(`The data folder ${folder} is not empty: there is ${found[0]}.`);
}

async function refuseBlobs(blobs: Blobs, place: string): Promise<void> {
  for await (const { key } of blobs.list(''))
    throw notEmpty(`The storage ${place} is not empty: there is ${key}.`);
}

function notEmpty(message: string): AppError {
  return new AppError('restore-not-empty', message, {
    hint: 'A backup is restored into new places, so that nothing is lost by it. Move away what is there, or name others.',
  });
}

async function spaceLimit(
  folder: string,
  isElsewhere: boolean,
): Promise<(bytes: BackupContents['bytes']) => void> {
  const { bavail, bsize } = await statfs(folder);
  return ({ files, rest }) => {
    if (rest + (isElsewhere ? 0 : files) <= bavail * bsize) return;
    throw new AppError(
      'backup-too-large',
      `The backup needs more than the ${bavail * bsize} bytes that are free.`,
      {
        hint: `Nothing was restored. Make room on the disk of ${folder}, or name a folder on another.`,
      },
    );
  };
}

/** The places were empty before, so all that is there is ours. */
async function takeBack(file: string, dataFolder: string, blobs: Blobs): Promise<void> {
  for await (const { key } of blobs.list('')) await blobs.delete(key);
  for await (const { item } of readBackup(file))
    if (item.kind === 'trace') await blobs.traces.delete(item.key);
  for (const name of await readdir(dataFolder)) {
    if (name !== 'lost+found') await rm(join(dataFolder, name), { recursive: true, force: true });
  }
}
