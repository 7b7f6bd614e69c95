import { AppError } from '../base/app-error.ts';
import { highestRelease, isReleaseWish } from '../base/release-version.ts';
import {
  decodeSource,
  type OpenedComponent,
  type OpenedProject,
  type SourceFile,
  type SourceTree,
  type Unavailable,
} from '../config/index.ts';
import { type Fetched, type GitAccess, type GitRemote, openGitRemote } from './git-fetch.ts';
import type { GitServer } from './git-server.ts';
import { type FileList, listCommit, parseFileList, readBlob, sourceOf } from './git-tree.ts';
import { isCommit, type KeptFiles, type ResolvedRef } from './kept-files.ts';
import { refNames } from './ref-names.ts';
import { OFFLINE } from './unavailable.ts';

export interface RemoteProjectRequest {
  readonly server: GitServer;
  /** Checked: `isProjectPath`. */
  readonly path: string;
  readonly access: GitAccess;
  readonly kept: KeptFiles;
  readonly offline: boolean;
}

/** A project on a server. What is kept of it is used; the rest is fetched, and kept. */
export interface RemoteProject {
  open(ref: string | null): Promise<OpenedProject>;
  openVersion(version: string): Promise<OpenedComponent>;
}

export function remoteProject(request: RemoteProjectRequest): RemoteProject {
  const { server, path, access, kept, offline } = request;
  const name = `${server.name}${path}`;
  let opening: Promise<GitRemote> | null = null;
  const remote = () => {
    opening ??= openGitRemote(server, path, access);
    return opening;
  };

  /** What the ref stands for: as it was the last time, or as the server says now. */
  async function resolve(ref: string): Promise<Fetched<ResolvedRef>> {
    const known = kept.ref(name, ref);
    if (known !== null) return { kind: 'fetched', value: known };
    if (offline) return OFFLINE;
    const found = isCommit(ref) ? fetched({ commit: ref, version: null }) : await ask(ref);
    return found;
  }

  async function ask(ref: string): Promise<Fetched<ResolvedRef>> {
    const names = refNames(ref);
    if (names.length === 0) return NO_REF;
    // The commit that an annotated tag is of has a line of its own.
    const listed = await (await remote()).listRefs(names.flatMap((full) => [full, `${full}^{}`]));
    if (listed.kind !== 'fetched') return listed;
    for (const full of names) {
      const commit = listed.value.get(`${full}^{}`) ?? listed.value.get(full);
      const version = full.startsWith('refs/tags/') ? ref : null;
      if (commit !== undefined) return fetched({ commit, version });
    }
    return NO_REF;
  }

  async function askForRelease(
    wish: string,
  ): Promise<Fetched<ResolvedRef> | { readonly kind: 'no-release' }> {
    const known = kept.ref(name, wish);
    if (known !== null) return fetched(known);
    if (offline) return OFFLINE;
    const listed = await (await remote()).listRefs(['refs/tags/*', 'refs/heads/*']);
    if (listed.kind !== 'fetched') return listed;
    const tags = [...listed.value.keys()].flatMap((full) => /^refs\/tags\/(.*[^}])$/.exec(full)?.[1] ?? []);
    const release = highestRelease(tags, wish);
    const full = release === null ? `refs/heads/${wish}` : `refs/tags/${release}`;
    const commit = listed.value.get(`${full}^{}`) ?? listed.value.get(full);
    return commit === undefined ? { kind: 'no-release' } : fetched({ commit, version: release });
  }

  async function openCommit(ref: string, found: ResolvedRef): Promise<OpenedProject> {
    const { commit } = found;
    const tree = commitTree({ name, commit, kept, remote, offline });
    const failure = await tree.prepare();
    if (failure !== null) return failure;
    if (kept.ref(name, ref) === null) await kept.setRef(name, ref, found);
    return { kind: 'opened', sha: commit, files: tree };
  }

  return {
    async open(wanted) {
      const ref = wanted ?? 'HEAD';
      const found = await resolve(ref);
      return found.kind === 'fetched' ? openCommit(ref, found.value) : found;
    },
    async openVersion(version) {
      const found = isReleaseWish(version) ? await askForRelease(version) : await resolve(version);
      if (found.kind !== 'fetched') return found;
      const opened = await openCommit(version, found.value);
      return opened.kind === 'opened' ? { ...opened, version: found.value.version } : opened;
    },
  };
}

function fetched<T>(value: T): Fetched<T> {
  return { kind: 'fetched', value };
}

const NO_REF = { kind: 'no-ref', hint: null } as const;

interface TreeRequest {
  readonly name: string;
  readonly commit: string;
  readonly kept: KeptFiles;
  readonly remote: () => Promise<GitRemote>;
  readonly offline: boolean;
}

/** The files of a commit; each is fetched when it is first asked for, those asked for together in one go. */
function commitTree({ name, commit, kept, remote, offline }: TreeRequest): SourceTree & {
  /** Sees to it that the list of files is at hand; why it is not. */
  prepare(): Promise<Exclude<Fetched<never>, { kind: 'fetched' }> | null>;
} {
  let listing: Promise<Fetched<FileList>> | null = null;
  const list = () => {
    listing ??= loadList();
    return listing;
  };
  let fetchedCommit: Promise<Fetched<null>> | null = null;
  const fetchCommit = async () => {
    if (offline) return OFFLINE;
    fetchedCommit ??= remote().then((opened) => opened.fetchCommit(commit));
    return fetchedCommit;
  };

  async function loadList(): Promise<Fetched<FileList>> {
    const known = await kept.list(name, commit);
    if (known !== null) return fetched(parseFileList(known.toString('utf8')));
    const answer = await fetchCommit();
    if (answer.kind !== 'fetched') return answer;
    const listed = await listCommit((await remote()).folder, commit);
    if (listed === null) return NO_REF;
    await kept.putList(name, commit, Buffer.from(listed));
    return fetched(parseFileList(listed));
  }

  const wanted = batched(async (blobs) => {
    const answer = await fetchCommit();
    return answer.kind === 'fetched' ? (await remote()).fetchBlobs(blobs) : answer;
  });

  async function read(path: string): Promise<SourceFile | Unavailable> {
    const known = await kept.file(name, commit, path);
    if (known !== null) return decodeSource(known);
    const files = await list();
    if (files.kind !== 'fetched') return unavailable(files);
    const blob = files.value.get(path);
    if (blob === undefined) return { kind: 'absent' };
    const there = fetchedCommit === null ? null : await readBlob((await remote()).folder, blob);
    if (there === null) {
      const answer = await wanted(blob);
      if (answer.kind !== 'fetched') return unavailable(answer);
    }
    const bytes = there ?? (await readBlob((await remote()).folder, blob));
    if (bytes === null) return { kind: 'unavailable', reason: 'the server did not send it', hint: null };
    if (!('kind' in bytes)) await kept.putFile(name, commit, path, bytes);
    return sourceOf(bytes);
  }

  const reads = new Map<string, Promise<SourceFile | Unavailable>>();
  return {
    async prepare() {
      const files = await list();
      return files.kind === 'fetched' ? null : files;
    },
    readFile(path) {
      const known = reads.get(path) ?? read(path);
      reads.set(path, known);
      return known;
    },
    async listFiles() {
      const files = await list();
      if (files.kind === 'fetched') return [...files.value.keys()].sort();
      throw new AppError('include-list-lost', `The list of files of ${name} is no longer there.`);
    },
  };
}

function unavailable(answer: Exclude<Fetched<unknown>, { kind: 'fetched' }>): Unavailable {
  if (answer.kind === 'unavailable') return answer;
  return { kind: 'unavailable', reason: 'the server no longer has it', hint: answer.hint };
}

/** Lets those who ask for other files come first. */
function moment(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Calls of the same moment become one. */
function batched(
  fetchAll: (blobs: readonly string[]) => Promise<Fetched<null>>,
): (blob: string) => Promise<Fetched<null>> {
  let waiting: Set<string> | null = null;
  let next: Promise<Fetched<null>> | null = null;
  return (blob) => {
    if (waiting !== null && next !== null) {
      waiting.add(blob);
      return next;
    }
    const blobs = new Set([blob]);
    waiting = blobs;
    next = moment().then(() => {
      waiting = null;
      next = null;
      return fetchAll([...blobs]);
    });
    return next;
  };
}
