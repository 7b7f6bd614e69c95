import { AppError } from '../../base/app-error.ts';
import type { Blobs } from './blobs.ts';
import { openFolderBlobs } from './folder-blobs.ts';

export interface BlobOptions {
  /** A folder. */
  readonly place: string;
}

/** Opens the place for blobs, and makes it when there is none. Throws an AppError `blob-storage-unusable`. */
export async function openBlobs({ place }: BlobOptions): Promise<Blobs> {
  if (/^\w+:\/\//.test(place)) throw unusable(place, 'this kind of storage is not supported yet');
  return await openFolderBlobs(place).catch((cause: unknown) => {
    throw unusable(place, cause instanceof Error ? cause.message : String(cause), cause);
  });
}

function unusable(place: string, reason: string, cause?: unknown): AppError {
  return new AppError('blob-storage-unusable', `Files cannot be kept in ${place}: ${reason}.`, {
    hint: 'Give a folder into which this user may write.',
    cause,
  });
}
