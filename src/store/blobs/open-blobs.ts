import { AppError } from '../../base/app-error.ts';
import type { Blobs } from './blobs.ts';
import { openFolderBlobs } from './folder-blobs.ts';

export interface BlobOptions {
  /**
   * A folder, or `s3://BUCKET/PREFIX?endpoint=URL&region=NAME`, where only the bucket must be given. Who we are to S3 is
   * found as its client finds it everywhere: in the usual variables, files and roles.
   */
  readonly place: string;
  /** A server is at work there: what it is just writing is left alone. */
  readonly inUse?: boolean;
}

/** Opens the place for blobs; a folder is made when there is none. Throws an AppError `blob-storage-unusable`. */
export async function openBlobs({ place, inUse = false }: BlobOptions): Promise<Blobs> {
  try {
    // The client of S3 is large, and most servers need none.
    if (place.startsWith('s3://')) return await (await import('./s3-blobs.ts')).openS3Blobs(place);
    if (/^\w+:\/\//.test(place)) throw new Error('only folders and s3:// are supported');
    return await openFolderBlobs(place, inUse);
  } catch (cause) {
    const reason = cause instanceof Error ? `${cause.name} ${cause.message}`.trim() : String(cause);
    throw new AppError('blob-storage-unusable', `Files cannot be kept in ${place}: ${reason}.`, {
      hint: 'Give a folder into which this user may write, or a bucket that exists and that the login may use.',
      cause,
    });
  }
}
