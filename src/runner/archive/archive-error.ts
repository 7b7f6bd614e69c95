import { AppError } from '../../base/app-error.ts';
import { isSystemError } from './system-error.ts';

/**
 * What went wrong with an archive, as a person should read it.
 *
 * @param folder where it was being written to.
 */
export function toArchiveError(error: unknown, folder: string): unknown {
  if (error instanceof AppError) return error;
  if (isSystemError(error, 'ENOSPC', 'EDQUOT')) return diskFull(folder, error);
  // Errors of the file system name the call; those of a decompressor or of the tar reader do not.
  if (isSystemError(error) && error.syscall !== undefined) return error;
  if (error instanceof Error && error.name === 'AbortError') return error;
  return archiveDamaged(messageOf(error), error);
}

export function archiveDamaged(what: string, cause?: unknown): AppError {
  return new AppError('archive-damaged', `An archive cannot be read: ${what}.`, {
    hint: 'It was cut off or changed after it was written; run the job that made it again.',
    cause,
  });
}

export function diskFull(folder: string, cause: unknown): AppError {
  return new AppError('disk-full', `There is no room left on the disk that holds ${folder}.`, {
    hint: `Free some space there (\`df -h ${folder}\`), or point it at a larger disk, and run again.`,
    cause,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
}
