import { join } from 'node:path';
import { ARCHIVE_SUFFIX, readArchiveFile, writeArchiveFile } from '../archive/archive-file.ts';
import type { ArtifactStore } from '../ports.ts';

/**
 * Keeps artifacts in a folder, as `JOB-ID/TYPE.tar.zst`. The archive's own name is only for people and downloads: it
 * comes from the pipeline file, and has no place in a path.
 *
 * @param options.durable wait for the disk at each archive. A local run does without: its artifacts are worth nothing
 *   after a power failure.
 */
export function createFolderArtifactStore(
  folder: string,
  options: { readonly durable?: boolean } = {},
): ArtifactStore {
  return {
    put: (jobId, artifact, _fileName, archive) =>
      writeArchiveFile({
        path: archivePath(folder, jobId, artifact.type),
        archive,
        durable: options.durable ?? false,
      }),
    get: (jobId) => readArchiveFile(archivePath(folder, jobId, 'archive')),
  };
}

function archivePath(folder: string, jobId: number, type: string): string {
  // Types are a closed list where the file is checked; here nothing but a plain word becomes a file name.
  return join(folder, String(jobId), `${type.replace(/[^A-Za-z0-9_-]/g, '_')}${ARCHIVE_SUFFIX}`);
}
