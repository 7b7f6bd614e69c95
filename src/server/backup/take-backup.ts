import { createWriteStream, rmSync } from 'node:fs';
import { link, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { AppError } from '../../base/app-error.ts';
import { atTheEnd } from '../../base/at-the-end.ts';
import type { Clock } from '../../base/clock.ts';
import { type Blobs, openBlobs, openSnapshot, type Snapshot } from '../../store/index.ts';
import { syncFolders } from '../git/index.ts';
import { MAGIC } from './backup-items.ts';
import { keptFiles } from './kept-files.ts';
import { repositoryFrames } from './repository-frames.ts';
import { openSpool } from './spool.ts';
import { type Named, type RepositoryLine, spoolNames, tableFrames } from './table-frames.ts';
import { contentFrames, itemFrame, sealed } from './write-frames.ts';

/** Where a server keeps everything, as it was started with. */
export interface ServerPlaces {
  readonly dataFolder: string;
  readonly database?: string | undefined;
  readonly blobs?: string | undefined;
}

export interface BackupRequest extends ServerPlaces {
  readonly file: string;
  /** Whether a file that is there is written over, once the new one is whole. */
  readonly replace: boolean;
  readonly program: string;
  readonly clock: Clock;
}

/**
 * Writes all that a server keeps to one file, as it was at the moment when this began, while the server goes on. First
 * come the rows of the database, of one transaction that reads; then what they name: repositories, blobs and logs only
 * ever get more, or lose what the rows lose a moment later. The file is there whole or not at all.
 *
 * Throws an AppError: `backup-not-written`, `database-unusable`, `blob-storage-unusable` or `git-failed`.
 */
export async function takeBackup(request: BackupRequest): Promise<{ readonly bytes: number }> {
  const { file, replace, dataFolder } = request;
  if (!replace && (await isThere(file))) throw thereAlready(file);
  const work = await mkdtemp(join(dirname(file), `.${basename(file)}-`)).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw notWritten(file, why, 'Give a folder that is there, and into which this user may write.', cause);
  });
  const temporary = join(work, 'backup');
  const left = atTheEnd(() => rmSync(work, { recursive: true, force: true }));
  try {
    // A folder for blobs is made when there is none, so all else is looked at first.
    if (!(await isThere(dataFolder))) throw noData(file, dataFolder);
    await using snapshot = await openSnapshot(request.database ?? dataFolder);
    await using blobs = await openBlobs({ place: request.blobs ?? join(dataFolder, 'files'), inUse: true });
    const frames = sealed(backupFrames({ ...request, snapshot, blobs, work }));
    await writeFile(temporary, frames);
    // Without leave to replace, a link, which fails when somebody has put a file there meanwhile.
    await (replace ? rename(temporary, file) : link(temporary, file));
    await syncFolders([dirname(file)]);
    return { bytes: (await stat(file)).size };
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') throw thereAlready(file);
    throw cause;
  } finally {
    await rm(work, { recursive: true, force: true });
    left();
  }
}

async function writeFile(path: string, frames: AsyncIterable<Buffer>): Promise<void> {
  // Tokens are in it.
  const out = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
  out.write(MAGIC);
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  await pipeline(frames, compress, out);
}

interface FrameParts extends Omit<BackupRequest, 'blobs'> {
  readonly snapshot: Snapshot;
  readonly blobs: Blobs;
  readonly work: string;
}

async function* backupFrames(parts: FrameParts): AsyncGenerator<Buffer> {
  const { snapshot, blobs, work, dataFolder, program, clock } = parts;
  const { schema, dialect: database } = snapshot;
  yield itemFrame({ kind: 'backup', program, schema, takenAt: clock.now(), database });
  const named: Named = {
    repositories: openSpool(join(work, 'repositories'), isRepositoryLine),
    blobs: openSpool(join(work, 'blobs'), isKey),
    traces: openSpool(join(work, 'traces'), isKey),
  };
  yield* tableFrames(snapshot);
  const lastPipeline = await spoolNames(snapshot, named);
  // A long read would keep the database from clearing up.
  await snapshot[Symbol.asyncDispose]();

  const root = join(dataFolder, 'repositories');
  yield* repositoryFrames({ root, named: named.repositories, lastPipeline, work });
  for await (const [key] of named.blobs.entries()) yield* blobFrames(blobs, key);
  for await (const { key } of blobs.list(''))
    if (!key.startsWith('artifacts/')) yield* blobFrames(blobs, key);
  for await (const [key] of named.traces.entries()) {
    if ((await blobs.traces.size(key)) === 0) continue;
    yield itemFrame({ kind: 'trace', key });
    yield* contentFrames(blobs.traces.read(key), isGone);
  }
  for await (const { name, read } of keptFiles(dataFolder)) {
    yield itemFrame({ kind: 'file', name });
    yield* contentFrames(read(), isGone);
  }
}

async function* blobFrames(blobs: Blobs, key: string): AsyncGenerator<Buffer> {
  const blob = await blobs.get(key);
  if (blob === null) return yield itemFrame({ kind: 'missing', key });
  yield itemFrame({ kind: 'blob', key });
  yield* contentFrames(blob.content, isGone);
}

/** As a folder and as S3 say that something is not there any more. */
function isGone(error: unknown): boolean {
  return (
    error instanceof Error && (('code' in error && error.code === 'ENOENT') || error.name === 'NoSuchKey')
  );
}

function isKey(value: unknown): value is readonly [string] {
  return Array.isArray(value) && value.length === 1 && typeof value[0] === 'string';
}

function isRepositoryLine(value: unknown): value is RepositoryLine {
  if (!Array.isArray(value)) return false;
  const [kind, first, second] = value;
  if (kind === 'project') return typeof first === 'number' && typeof second === 'string';
  return typeof first === 'string' && (kind === 'commit' || (kind === 'ref' && typeof second === 'string'));
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

function thereAlready(file: string): AppError {
  return notWritten(file, 'it is there already', 'Give another name, or `--force` to write over it.');
}

/** Without it there would be a backup of a database on PostgreSQL, and of no repository. */
function noData(file: string, dataFolder: string): AppError {
  const hint = 'Give the `--data` that the server was started with.';
  return notWritten(file, `there is no data folder ${dataFolder}`, hint);
}

function notWritten(file: string, why: string, hint: string, cause?: unknown): AppError {
  return new AppError('backup-not-written', `The backup ${file} is not written: ${why}.`, { hint, cause });
}
