/**
 * Where the files of a configuration come from: the one door through which `config` reaches the outside. Every
 * implementation passes the contracts in test-support/sources-contract.ts and test-support/elsewhere-contract.ts.
 *
 * Who wraps one and changes some files only: `{ ...sources, readFile }`, which keeps the doors to elsewhere.
 */
export interface Sources extends SourceTree {
  /** The project is here: what is in it can be read. */
  readFile(path: string): Promise<SourceFile>;
  /**
   * Paths that differ between the merge base of `ref` and the pipeline's commit (`ref...sha`); null when `ref` is no
   * valid ref. For `rules:changes:compare_to`.
   */
  changedSince(ref: string): Promise<readonly string[] | null>;
  /** What is not in the project: other projects, addresses, templates, components. */
  readonly elsewhere: Elsewhere;
}

/**
 * The files of one project at one commit.
 *
 * - Paths are relative to the project's root, with `/`, without a leading `/`, never containing `..`.
 * - What is outside the project (by `..` or a symbolic link) is answered as absent, never read.
 * - Calls may overlap; the same path gives the same answer for the life of the object.
 */
export interface SourceTree {
  /** The file's bytes decoded as UTF-8, or why there are none. Never throws for a missing file. */
  readFile(path: string): Promise<SourceFile | Unavailable>;
  /** All files of the project at the commit, sorted; what `rules:exists` and wildcard includes look at. */
  listFiles(): Promise<readonly string[]>;
}

export type SourceFile =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'too-large'; readonly bytes: number; readonly limit: number }
  /** Where the first byte stands that is none of UTF-8, counted from 1. */
  | { readonly kind: 'not-utf8'; readonly line: number; readonly column: number };

/**
 * The doors out of the project. What a name, a ref or an address holds was written by a stranger: whatever it is, the
 * answer is one of these values, and nothing throws. Calls may overlap; the same question gives the same answer for the
 * life of the object. Texts of answers are fit to be shown: no credentials are in them.
 */
export interface Elsewhere {
  /** `group/name` at a branch, a tag or a commit, in this order of meaning; null: at the head of its default branch. */
  openProject(path: string, ref: string | null): Promise<OpenedProject>;
  /** The file at an http(s) address. `shown`: the address as people may see it, and as it may be written down. */
  readRemote(address: string, shown: string): Promise<RemoteFile>;
  /** A template that comes with the program, by its whole name: `Nodejs.gitlab-ci.yml`. */
  readTemplate(name: string): Promise<TemplateFile>;
  /**
   * The project that a component is in, at the commit of the version: a commit, a tag, a branch, or `~latest`, `1`,
   * `1.2` for the highest release of these (no pre-release).
   */
  openComponent(component: ComponentAddress): Promise<OpenedComponent>;
}

/** `HOST/group/project/name@VERSION` in its parts. */
export interface ComponentAddress {
  readonly host: string;
  /** `group/project` */
  readonly project: string;
  readonly name: string;
  readonly version: string;
}

export type OpenedProject = OpenedTree | NotOpened;

export type OpenedComponent =
  /** `version`: the release that was chosen, or the tag that was named; null for a branch or a commit. */
  | (OpenedTree & { readonly version: string | null })
  | NotOpened
  /** `~latest` or a part of a version, and the project has no release that fits. */
  | { readonly kind: 'no-release' };

export interface OpenedTree {
  readonly kind: 'opened';
  /** Of the commit; null for a folder that is in no repository. */
  readonly sha: string | null;
  readonly files: SourceTree;
}

export type NotOpened =
  /** There is no such project, or no access to it: which of both, the other side does not say. */
  | { readonly kind: 'no-project'; readonly hint: string | null }
  | { readonly kind: 'no-ref'; readonly hint: string | null }
  | Unavailable;

export type RemoteFile =
  /** `digest`: `sha256-` and the digest of the bytes in base64, as `integrity` writes it. */
  | { readonly kind: 'text'; readonly text: string; readonly digest: string }
  | Exclude<SourceFile, { readonly kind: 'text' }>
  | Unavailable
  /** No http(s) address. */
  | { readonly kind: 'bad-address' }
  /** The server answered, with this status of 400 or more. */
  | { readonly kind: 'http-status'; readonly status: number };

export type TemplateFile =
  | { readonly kind: 'text'; readonly text: string }
  /** With the names that are like it, the nearest first. */
  | { readonly kind: 'absent'; readonly near: readonly string[] };

/** The world was in the way: no network, no answer, an address that is not allowed, nothing kept and offline. */
export interface Unavailable {
  readonly kind: 'unavailable';
  /** What follows "because": `of a timeout error`, `the address 10.0.0.1 is private`. */
  readonly reason: string;
  readonly hint: string | null;
}
