/** What was fetched before, by whoever keeps it. What cannot be kept is not, and is fetched again. */
export interface KeptFiles {
  /** What a ref stands for; null: not known, or to be asked for again. */
  ref(project: string, ref: string): ResolvedRef | null;
  setRef(project: string, ref: string, found: ResolvedRef): Promise<void>;
  /** A file of a commit; null: not known, or not kept. */
  file(project: string, commit: string, path: string): Promise<Buffer | null>;
  putFile(project: string, commit: string, path: string, bytes: Uint8Array): Promise<void>;
  /** The list of a commit's files, as git prints it. */
  list(project: string, commit: string): Promise<Buffer | null>;
  putList(project: string, commit: string, bytes: Uint8Array): Promise<void>;
}

export interface ResolvedRef {
  readonly commit: string;
  /** The release that a version stood for. */
  readonly version: string | null;
}

/** A whole hash. */
export function isCommit(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
