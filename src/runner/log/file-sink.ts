import { type FileHandle, open } from 'node:fs/promises';
import { AppError } from '../../base/app-error.ts';
import type { LogSink } from './job-log.ts';

/**
 * Keeps a log in a file of its own, readable by its owner only: masked as it is, a log tells a lot.
 *
 * What comes while the disk is busy is gathered and written in one go, so a job that prints fast costs one system call
 * a megabyte; what comes while it is idle is written at once, so whoever follows the file is never behind. A failed
 * write is told to the next call.
 * @throws AppError `log-not-written` when the file cannot be made or written, a full disk for example
 */
export async function createFileSink(path: string): Promise<LogSink> {
  const file = await open(path, 'w', 0o600).catch((error: unknown) => {
    throw notWritten(path, error);
  });
  let gathered: Uint8Array[] = [];
  let bytes = 0;
  let writing: Promise<void> | null = null;
  let failure: AppError | null = null;
  let closed: Promise<void> | null = null;

  async function writeGathered(): Promise<void> {
    try {
      while (gathered.length > 0) {
        const chunks = gathered;
        gathered = [];
        bytes = 0;
        await writeAll(file, chunks);
      }
    } catch (error) {
      failure = notWritten(path, error);
    } finally {
      writing = null;
    }
  }

  async function close(): Promise<void> {
    await writing;
    await file.close();
    if (failure !== null) throw failure;
  }

  return {
    async write(chunk) {
      if (failure !== null) throw failure;
      gathered.push(chunk);
      bytes += chunk.length;
      writing ??= writeGathered();
      if (bytes >= MOST_GATHERED_BYTES) await writing;
    },
    close() {
      closed ??= close();
      return closed;
    },
  };
}

const MOST_GATHERED_BYTES = 1024 * 1024;

/** A write may take less than it was given. */
async function writeAll(file: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  const { bytesWritten } = await file.writev(chunks);
  let rest = bytesWritten;
  for (const chunk of chunks) {
    const done = Math.min(rest, chunk.length);
    rest -= done;
    let position = done;
    while (position < chunk.length) position += (await file.write(chunk, position)).bytesWritten;
  }
}

function notWritten(path: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError('log-not-written', `The job's log ${path} could not be written: ${reason}`, { cause });
}
