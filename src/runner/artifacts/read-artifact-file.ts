import { buffer } from 'node:stream/consumers';
import { parseEntryPath } from '../archive/entry-path.ts';
import { readTar } from '../archive/read-tar.ts';
import { toRelativePattern } from '../archive/relative-pattern.ts';
import type { ArtifactStore } from '../ports.ts';

/** Larger than any pipeline file may be. */
const MAX_BYTES = 1024 * 1024;

/**
 * One file out of a job's archive, as text: the pipeline file that a job made for `trigger:include:artifact`. null when
 * the job has no archive, the archive has no such file, or the file is larger than 1 MiB.
 *
 * @throws AppError archive-damaged, archive-unsafe-entry, storage-failed.
 */
export async function readArtifactFile(
  store: ArtifactStore,
  jobId: number,
  path: string,
): Promise<string | null> {
  // A leading slash means the project, as it does for included files.
  const wanted = toRelativePattern(path.replace(/^\/+/, ''), []);
  const archive = wanted === null ? null : await store.get(jobId);
  if (archive === null) return null;
  for await (const entry of readTar(archive)) {
    if (entry.type !== 'file' || parseEntryPath(entry.name).join('/') !== wanted) continue;
    return entry.size > MAX_BYTES ? null : (await buffer(entry.content())).toString('utf8');
  }
  return null;
}
