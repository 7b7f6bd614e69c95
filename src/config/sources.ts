/**
 * Where the files of a configuration come from: the one door through which `config` reaches the outside. Every
 * implementation passes the contract in test-support/sources-contract.ts.
 *
 * - Paths are relative to the project's root, with `/`, without a leading `/`, never containing `..`.
 * - What is outside the project (by `..` or a symbolic link) is answered as absent, never read.
 * - Calls may overlap; the same path gives the same answer for the life of the object.
 */
export interface Sources {
  /** The file's bytes decoded as UTF-8, or why there are none. Never throws for a missing file. */
  readFile(path: string): Promise<SourceFile>;
  /** All files of the project at the commit, sorted; what `rules:exists` and wildcard includes look at. */
  listFiles(): Promise<readonly string[]>;
  /**
   * Paths that differ between the merge base of `ref` and the pipeline's commit (`ref...sha`); null when `ref` is no
   * valid ref. For `rules:changes:compare_to`.
   */
  changedSince(ref: string): Promise<readonly string[] | null>;
}

export type SourceFile =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'too-large'; readonly bytes: number; readonly limit: number }
  /** Where the first byte stands that is none of UTF-8, counted from 1. */
  | { readonly kind: 'not-utf8'; readonly line: number; readonly column: number };
