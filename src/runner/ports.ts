import type { Readable } from 'node:stream';
import type { JobArtifact } from '../protocol/index.ts';
import type { StoredArtifact } from './job-result.ts';

/**
 * Where artifacts go and come from: a folder in a local run, the server's API otherwise. Archives are tar streams
 * whose entries are relative to the project directory.
 */
export interface ArtifactStore {
  /** Keeps one archive or report of a job. Whole or not at all; a second call for the same job and type replaces it. */
  put(jobId: number, artifact: JobArtifact, fileName: string, archive: Readable): Promise<StoredArtifact>;
  /** The job's archive, or null when it has none (or it has expired). */
  get(jobId: number): Promise<Readable | null>;
}

/** Where caches are kept between pipelines. A cache is best effort: what fails here never fails a job. */
export interface CacheStore {
  get(key: string): Promise<Readable | null>;
  /** Whole or not at all; two writers of one key leave one of the two archives. */
  put(key: string, archive: Readable): Promise<void>;
}

/**
 * Makes the private working copy a job runs in. `path` exists until disposed; nothing done in it reaches the
 * repository it was made from, or another job's copy.
 */
export interface WorkspaceSource {
  create(jobId: number): Promise<Workspace>;
}

export interface Workspace extends AsyncDisposable {
  readonly path: string;
}
