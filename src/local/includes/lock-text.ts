import { isCommit, isDigest, type ResolvedRef } from '../../includes/index.ts';

/**
 * What `.slipway/includes.lock` holds: which commit a ref of another project stood for, and the digests of the files
 * that were taken. It names no address to fetch from: those come from the includes alone, so that a lock file can make
 * a run refuse or repeat, and never look elsewhere.
 */
export interface LockedIncludes {
  /** By `host/group/name`. */
  readonly projects: Map<string, LockedProject>;
  /** Digests by address. */
  readonly remotes: Map<string, string>;
}

export interface LockedProject {
  readonly refs: Map<string, ResolvedRef>;
  /** By the commit's hash. */
  readonly commits: Map<string, LockedCommit>;
}

export interface LockedCommit {
  /** Digest of the list of all files; null: not known. */
  list: string | null;
  /** Digests by path. */
  readonly files: Map<string, string>;
}

export function emptyLock(): LockedIncludes {
  return { projects: new Map(), remotes: new Map() };
}

/** null when the text is no lock file, or has anything in it that no run writes. */
export function parseLock(text: string): LockedIncludes | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null; // Cut off, or merged with conflict marks in it.
  }
  const root = record(json);
  if (root?.get('version') !== 1) return null;
  const projects = mapped(root.get('projects'), parseProject);
  const remotes = mapped(root.get('remotes'), digest);
  return projects === null || remotes === null ? null : { projects, remotes };
}

/** The same whatever the order in which things were noted; commits that no ref stands for any more are left out. */
export function printLock({ projects, remotes }: LockedIncludes): string {
  const json = {
    version: 1,
    projects: sorted(projects, ({ refs, commits }) => {
      const wanted = new Set(Array.from(refs.values(), ({ commit }) => commit));
      const live = new Map([...commits].filter(([commit]) => wanted.has(commit)));
      return {
        refs: sorted(refs, ({ commit, version }) => (version === null ? { commit } : { commit, version })),
        commits: sorted(live, ({ list, files }) => ({ list, files: sorted(files, (value) => value) })),
      };
    }),
    remotes: sorted(remotes, (value) => value),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

function parseProject(json: unknown): LockedProject | null {
  const parts = record(json);
  if (parts === null) return null;
  const refs = mapped(parts.get('refs'), parseRef);
  const commits = mapped(parts.get('commits'), parseCommit);
  if (refs === null || commits === null) return null;
  return [...commits.keys()].every(isCommit) ? { refs, commits } : null;
}

function parseRef(json: unknown): ResolvedRef | null {
  const parts = record(json);
  const commit = parts?.get('commit');
  const version = parts?.get('version') ?? null;
  if (typeof commit !== 'string' || !isCommit(commit)) return null;
  return version === null || typeof version === 'string' ? { commit, version } : null;
}

function parseCommit(json: unknown): LockedCommit | null {
  const parts = record(json);
  const files = mapped(parts?.get('files'), digest);
  const list = parts?.get('list') ?? null;
  if (files === null || (list !== null && digest(list) === null)) return null;
  return { list: digest(list), files };
}

function digest(json: unknown): string | null {
  return typeof json === 'string' && isDigest(json) ? json : null;
}

/** null when one of the values is none. */
function mapped<T>(json: unknown, read: (value: unknown) => T | null): Map<string, T> | null {
  const entries = record(json);
  if (entries === null) return null;
  const values = new Map<string, T>();
  for (const [key, entry] of entries) {
    const value = read(entry);
    if (value === null) return null;
    values.set(key, value);
  }
  return values;
}

function record(json: unknown): ReadonlyMap<string, unknown> | null {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return null;
  return new Map(Object.entries(json));
}

function sorted<T>(values: ReadonlyMap<string, T>, print: (value: T) => unknown): object {
  const entries = [...values].sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, print(value)]));
}
