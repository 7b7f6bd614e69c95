import { createWriteStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../../base/app-error.ts';
import type { Clock } from '../../../base/clock.ts';
import { artifactFormat, type JobArtifact } from '../../../protocol/index.ts';
import { diskFull } from '../../archive/archive-error.ts';
import { isSystemError } from '../../archive/system-error.ts';
import { zipToTar } from '../../archive/zip/zip-to-tar.ts';
import type { ArtifactStore } from '../../ports.ts';
import { createBackoff } from '../backoff.ts';
import type { ServerConnection } from '../server/connection.ts';
import { sleep } from '../sleep.ts';
import { artifactBytes } from './artifact-bytes.ts';
import { type Done, downloadArtifact, type Refused, uploadArtifact } from './artifact-calls.ts';

export interface ServerArtifactsRequest {
  readonly connection: ServerConnection;
  readonly job: { readonly id: number; readonly token: string };
  /** With which the artifacts of other jobs are fetched, by their ids. */
  readonly dependencyTokens: ReadonlyMap<number, string>;
  /** A folder for files on their way. */
  readonly folder: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/**
 * The artifacts of a server, for one job. A file is whole on this machine before its first byte goes out, and after its
 * last has come in: so a transfer that breaks off begins again, and a server that is away for some minutes costs no job
 * its result.
 */
export function createServerArtifactStore(request: ServerArtifactsRequest): ArtifactStore {
  const { connection, job, folder, signal } = request;
  let files = 0;
  const nextPath = () => {
    files += 1;
    return join(folder, `artifact-${files}`);
  };

  return {
    async put(jobId, artifact, fileName, archive) {
      const path = nextPath();
      const format = artifactFormat(artifact.type);
      const { pieces, fileName: finalName } = artifactBytes(archive, format, baseName(artifact, fileName));
      try {
        const bytes = await writeFile(path, pieces, signal);
        const upload = { jobId, token: job.token, format, path, bytes, signal, ...labels(artifact) };
        await persist(request, `The ${described(artifact)} could not be uploaded`, () =>
          uploadArtifact(connection, { ...upload, fileName: finalName() }),
        );
        return { bytes, fileName: finalName() };
      } finally {
        await rm(path, { force: true });
      }
    },
    async get(jobId) {
      const path = nextPath();
      const token = request.dependencyTokens.get(jobId) ?? job.token;
      const isThere = await persist(
        request,
        `The artifacts of job ${jobId} could not be downloaded`,
        async () => {
          const download = await downloadArtifact(connection, { jobId, token, signal });
          if (download.kind !== 'done') return download;
          const { value } = download;
          return value === null ? { kind: 'done', value: false } : await keep(path, value, signal);
        },
      );
      return isThere ? await openAndForget(path) : null;
    },
  };
}

function labels({ type, expireIn }: JobArtifact): Pick<JobArtifact, 'type' | 'expireIn'> {
  return { type, expireIn };
}

function described({ type }: JobArtifact): string {
  return type === 'archive' ? 'artifacts' : `report "${type}"`;
}

function baseName(artifact: JobArtifact, fileName: string): string {
  const given = (artifact.name ?? '').replace(/[/\\\0]/g, '_');
  return given === '' ? fileName.replace(/\.tar$/, '') : given;
}

const MOST_ATTEMPTS = 12;

/** Until it works, it cannot work, or has been tried for about five minutes. */
async function persist<Value>(
  { clock, random, signal }: ServerArtifactsRequest,
  failure: string,
  attempt: () => Promise<Done<Value> | Refused>,
): Promise<Value> {
  const backoff = createBackoff(500, 60_000, random);
  for (let attempts = 1; ; attempts += 1) {
    signal.throwIfAborted();
    const outcome = await attempt();
    signal.throwIfAborted();
    if (outcome.kind === 'done') return outcome.value;
    const message = `${failure}: ${outcome.reason}.`;
    if (outcome.kind === 'no') {
      const hint = HINTS[outcome.status];
      throw new AppError('artifact-refused', message, hint === undefined ? {} : { hint });
    }
    if (attempts === MOST_ATTEMPTS) throw new AppError('server-away', message);
    await sleep(clock, backoff.next(outcome.afterMs), signal);
  }
}

const HINTS: Readonly<Record<number, string>> = {
  413: 'It is larger than the server takes: keep less, or let its administrator raise the limit.',
};

async function writeFile(path: string, pieces: AsyncIterable<Buffer>, signal: AbortSignal): Promise<number> {
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  try {
    await pipeline(pieces, file, { signal });
  } catch (error) {
    throw isSystemError(error, 'ENOSPC', 'EDQUOT') ? diskFull(path, error) : error;
  }
  return file.bytesWritten;
}

/** A body that breaks off is a server that went away; only the disk's failures are ours. */
async function keep(path: string, body: Readable, signal: AbortSignal): Promise<Done<boolean> | Refused> {
  await rm(path, { force: true });
  try {
    await writeFile(path, body, signal);
    return { kind: 'done', value: true };
  } catch (error) {
    if (error instanceof AppError || (isSystemError(error) && error.syscall === 'write')) throw error;
    return { kind: 'later', reason: error instanceof Error ? error.message : String(error), afterMs: 0 };
  }
}

/** The file is gone from its folder at once, and from the disk when the stream has ended. */
async function openAndForget(path: string): Promise<Readable> {
  const file: FileHandle = await open(path);
  await rm(path);
  async function* tar(): AsyncGenerator<Buffer> {
    try {
      yield* zipToTar(file);
    } finally {
      await file.close();
    }
  }
  return Readable.from(tar(), { objectMode: false });
}
