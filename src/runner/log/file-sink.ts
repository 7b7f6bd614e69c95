import { open } from 'node:fs/promises';
import { AppError } from '../../base/app-error.ts';
import type { LogSink } from './job-log.ts';

/**
 * Keeps a log in a file of its own, readable by its owner only: masked as it is, a log tells a lot.
 * @throws AppError `log-not-written` when the file cannot be made or written, a full disk for example
 */
export async function createFileSink(path: string): Promise<LogSink> {
  const file = await open(path, 'w', 0o600).catch((error: unknown) => {
    throw notWritten(path, error);
  });
  let closed: Promise<void> | null = null;
  return {
    async write(bytes) {
      let position = 0;
      while (position < bytes.length) {
        const { bytesWritten } = await file.write(bytes, position).catch((error: unknown) => {
          throw notWritten(path, error);
        });
        position += bytesWritten;
      }
    },
    close() {
      closed ??= file.close();
      return closed;
    },
  };
}

function notWritten(path: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError('log-not-written', `The job's log ${path} could not be written: ${reason}`, { cause });
}
