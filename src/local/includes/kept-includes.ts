import type { KeptFiles } from '../../includes/index.ts';
import { createIncludeCache, type IncludeCache } from './include-cache.ts';
import { type LockFile, openLockFile } from './lock-file.ts';
import type { LockedCommit, LockedProject } from './lock-text.ts';

/** What earlier runs have fetched: the project's lock file and the person's cache, together. */
export interface KeptIncludes extends KeptFiles {
  remote(address: string): Promise<{ readonly digest: string; readonly bytes: Buffer | null } | null>;
  putRemote(address: string, bytes: Uint8Array): Promise<void>;
}

/**
 * `refresh`: what refs stand for and what addresses have is as unknown until it is told anew; what is not asked for stays
 * as it was. The files of a commit never change.
 */
export async function openKeptIncludes(request: {
  /** The top folder of the project. */
  readonly root: string;
  readonly cacheFolder: string;
  readonly refresh: boolean;
  readonly warn: (message: string) => void;
}): Promise<KeptIncludes> {
  const { root, cacheFolder, refresh, warn } = request;
  const lock = await openLockFile(root, warn);
  return keptIn(lock, createIncludeCache(cacheFolder, warn), refresh);
}

function keptIn(lock: LockFile, cache: IncludeCache, refresh: boolean): KeptIncludes {
  const told = new Set<string>();
  const isStale = (key: string) => refresh && !told.has(key);
  const { projects, remotes } = lock.locked;

  function projectOf(name: string): LockedProject {
    const known = projects.get(name) ?? { refs: new Map(), commits: new Map() };
    projects.set(name, known);
    return known;
  }

  function commitOf(project: string, commit: string): LockedCommit {
    const { commits } = projectOf(project);
    const known = commits.get(commit) ?? { list: null, files: new Map() };
    commits.set(commit, known);
    return known;
  }

  async function kept(origin: string, digest: string | null | undefined): Promise<Buffer | null> {
    if (!digest) return null;
    const found = await cache.get(origin, digest);
    return found.kind === 'kept' ? found.bytes : null;
  }

  return {
    ref: (project, ref) =>
      isStale(`${project}\0${ref}`) ? null : (projects.get(project)?.refs.get(ref) ?? null),
    async setRef(project, ref, found) {
      told.add(`${project}\0${ref}`);
      projectOf(project).refs.set(ref, found);
      await lock.write();
    },
    file: (project, commit, path) =>
      kept(fileOrigin(project, commit, path), projects.get(project)?.commits.get(commit)?.files.get(path)),
    async putFile(project, commit, path, bytes) {
      commitOf(project, commit).files.set(path, await cache.put(fileOrigin(project, commit, path), bytes));
      await lock.write();
    },
    list: (project, commit) =>
      kept(listOrigin(project, commit), projects.get(project)?.commits.get(commit)?.list),
    async putList(project, commit, bytes) {
      commitOf(project, commit).list = await cache.put(listOrigin(project, commit), bytes);
      await lock.write();
    },
    async remote(address) {
      const digest = isStale(address) ? undefined : remotes.get(address);
      return digest === undefined ? null : { digest, bytes: await kept(`remote file ${address}`, digest) };
    },
    async putRemote(address, bytes) {
      told.add(address);
      remotes.set(address, await cache.put(`remote file ${address}`, bytes));
      await lock.write();
    },
  };
}

function fileOrigin(project: string, commit: string, path: string): string {
  return `${project}@${commit}:${path}`;
}

function listOrigin(project: string, commit: string): string {
  return `the list of files of ${project}@${commit}`;
}
