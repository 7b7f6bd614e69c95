import type { Readable } from 'node:stream';
import type { JobArtifact } from '../protocol/index.ts';
import type { JobLog } from './log/job-log.ts';

/**
 * Where artifacts go and come from: a folder in a local run, the server's API otherwise. Archives are tar streams
 * whose entries are relative to the project directory, reports too; how they are kept or sent is the store's affair.
 * Every implementation passes the suite in artifacts/artifact-store.contract.ts.
 */
export interface ArtifactStore {
  /**
   * Keeps one archive or report of a job and answers with the bytes it takes. Whole or not at all: when the stream
   * fails, what was there before stays. A second call for the same job and type replaces it.
   * @throws AppError disk-full, storage-failed, artifact-refused; or the stream's own error.
   */
  put(jobId: number, artifact: JobArtifact, fileName: string, archive: Readable): Promise<KeptArtifact>;
  /** The job's archive, or null when it has none (or it has expired). */
  get(jobId: number): Promise<Readable | null>;
}

export interface KeptArtifact {
  readonly bytes: number;
  /** What people see it under, when that is not the name that was given. */
  readonly fileName?: string;
}

/**
 * Where caches are kept between pipelines. A cache is best effort: what fails here never fails a job. Keys are any
 * text. Every implementation passes the suite in cache/cache-store.contract.ts.
 */
export interface CacheStore {
  get(key: string): Promise<Readable | null>;
  /** Whole or not at all; two writers of one key leave one of the two archives. Answers with the bytes it takes. */
  put(key: string, archive: Readable): Promise<{ readonly bytes: number }>;
}

/**
 * Makes the private working copy a job runs in. Nothing done in it reaches the repository it was made from, or another
 * job's copy.
 */
export interface WorkspaceSource {
  /** Names of variables by which a job tells how it wants its sources, and which are acted upon here; absent: none. */
  readonly honours?: ReadonlySet<string>;
  /** @throws AppError when the sources cannot be had; the signal's reason when aborted. */
  create(request: WorkspaceRequest): Promise<Workspace>;
}

export interface WorkspaceRequest {
  readonly jobId: number;
  /** False: an empty folder (GIT_STRATEGY `none` and `empty`). */
  readonly sources: boolean;
  /** The executor can show a `layer` copy-on-write. */
  readonly layered: boolean;
  /** The job's own, expanded: what a source that fetches is told by them. */
  readonly variables: ReadonlyMap<string, string>;
  readonly log: JobLog;
  readonly signal: AbortSignal;
}

/** Disposing removes what was made for this job. */
export interface Workspace extends AsyncDisposable {
  /** The folder; exists until disposed. When there is a `layer` nobody uses it, and it may be missing. */
  readonly path: string;
  /** Set exactly when the request was `layered`. */
  readonly layer: WorkspaceLayer | null;
}

/** A working copy that many jobs share because each sees it through a writable layer of its own. */
export interface WorkspaceLayer {
  /** The folder to show; nobody may write to it. */
  readonly lower: string;
  /** Folders outside `lower` that its files name (git's objects): to be readable, not writable. */
  readonly references: readonly WorkspaceReference[];
}

export interface WorkspaceReference {
  /** A folder of this machine. */
  readonly folder: string;
  /** Where the job's files look for it. */
  readonly shownAt: string;
}
