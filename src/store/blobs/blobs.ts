/**
 * Where the server keeps what is too large for the database: artifacts, packages, and the logs of jobs while they grow.
 * Keys are made by the server: parts of `A-Z a-z 0-9 . _ -` that do not begin with a dot, with `/` between. A key that
 * is not so is refused with an Error before anything is done.
 *
 * What was acknowledged is on the disk, or kept by the storage. Everything may be tried again after a failure.
 */
export interface Blobs extends AsyncDisposable {
  /**
   * Keeps a stream under a key, whole or not at all: until the end is there, and when the stream fails or the signal
   * aborts, the key has what it had before. Throws what the stream throws; and an AppError `blob-too-large` beyond `maxBytes`.
   */
  put(key: string, content: AsyncIterable<Uint8Array>, limits?: PutLimits): Promise<StoredBlob>;
  /** Null when there is none. `from` and `to` are offsets, `to` not included; what lies beyond the end is left out. */
  get(key: string, range?: ByteRange): Promise<BlobContent | null>;
  /** Does nothing when there is none. */
  delete(key: string): Promise<void>;
  /** Those whose keys begin with the prefix (`a/` stands for all below `a`), in the order of their keys. */
  list(prefix: string): AsyncIterable<{ readonly key: string; readonly size: number }>;
  readonly traces: Traces;
}

/** Logs that grow at their end and can be read meanwhile, by any process. Their keys are apart from those of blobs. */
export interface Traces {
  /**
   * Puts bytes at the end, if the trace is `offset` bytes long. Answers with its length: when that is not the offset
   * and the bytes together, nothing was added, and the writer goes on from there.
   */
  append(key: string, offset: number, bytes: Uint8Array): Promise<number>;
  /**
   * All that was appended is on the disk when this answers. Until then it outlives the process, and not a power cut: after
   * one the trace is shorter, which its writer learns with the next part and sends the rest again.
   */
  settle(key: string): Promise<void>;
  /** 0 when there is none. */
  size(key: string): Promise<number>;
  /** Empty when there is none. It ends where the trace ends when it is read. */
  read(key: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  delete(key: string): Promise<void>;
}

export interface PutLimits {
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export interface StoredBlob {
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface ByteRange {
  readonly from?: number;
  readonly to?: number;
}

export interface BlobContent {
  /** Of the whole, not of the range. */
  readonly size: number;
  /** Holds a file or a connection: read it to the end or end it early, but do not leave it. */
  readonly content: AsyncIterable<Uint8Array>;
}
