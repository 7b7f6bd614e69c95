import { join } from 'node:path';
import { shownAddress } from '../../base/shown-address.ts';
import {
  type ComponentAddress,
  decodeSource,
  type Elsewhere,
  MAX_SOURCE_BYTES,
  type OpenedComponent,
  type OpenedProject,
  type RemoteFile,
  type Unavailable,
} from '../../config/index.ts';
import {
  createTimeBudget,
  digestOf,
  type FetchHints,
  fetchHttp,
  type GitAccess,
  type GitServer,
  type HttpAnswer,
  isProjectPath,
  OFFLINE,
  openRemoteProject,
  type RemoteProject,
  readShippedTemplate,
  scratchFolder,
  serverOfComponent,
  TIMEOUT,
  type TimeBudget,
} from '../../includes/index.ts';
import { createJobSlots } from '../job-slots.ts';
import { readRefs } from '../repository.ts';
import { type Checkout, openCheckout } from './checkout.ts';
import { type KeptIncludes, openKeptIncludes } from './kept-includes.ts';

export interface ElsewhereRequest {
  /** The top folder of the project: its lock file is there. */
  readonly root: string;
  readonly cacheFolder: string;
  /** `group/name` of the project itself; it is read from its own repository. */
  readonly ownPath: string;
  /** Where other projects are; null: nobody has said. */
  readonly server: GitServer | null;
  /** Folders that stand in for projects, by `group/name`. */
  readonly checkouts: ReadonlyMap<string, string>;
  readonly allowedHosts: ReadonlySet<string>;
  readonly token: GitAccess['token'];
  readonly environment: NodeJS.ProcessEnv;
  /** Use what is kept, fetch what is not (`normal`); fetch all again; or fetch nothing. */
  readonly mode: 'normal' | 'refresh' | 'offline';
  /** Things a person should know: a damaged lock file, a cache that cannot be written. */
  readonly warn: (message: string) => void;
}

/**
 * What is outside of a project, for a run on this machine: checkouts that stand in for projects, git servers, addresses,
 * and the templates that Slipway ships. Nothing is opened or written before it is first asked for.
 */
export function openElsewhere(request: ElsewhereRequest): Elsewhere {
  const { server, mode } = request;
  const offline = mode === 'offline';
  const kept = once(() => openKeptIncludes({ ...request, refresh: mode === 'refresh' }));
  const access: GitAccess = {
    ...request,
    anonymous: false,
    time: createTimeBudget(ALL_FETCHING_MS, () => performance.now()),
    newFolder: () => join(scratchFolder(), String(++folders)),
    maxBytes: MAX_FETCHED_BYTES,
    hints: HINTS,
  };
  const slots = createJobSlots(MOST_AT_ONCE);
  const never = new AbortController().signal;
  const projects = new Map<string, Promise<RemoteProject>>();
  const answers = new Map<string, Promise<unknown>>();

  /** The same question has the same answer; and only a few are under way at once. */
  function remembered<T>(key: string, ask: () => Promise<T>): Promise<T>;
  function remembered(key: string, ask: () => Promise<unknown>): Promise<unknown> {
    const known = answers.get(key);
    if (known !== undefined) return known;
    const asking = slots.take(never).then((slot) => ask().finally(() => slot.giveBack()));
    answers.set(key, asking);
    return asking;
  }

  function remote(at: GitServer, path: string): Promise<RemoteProject> {
    const key = `${at.base}${path}`;
    const known = projects.get(key) ?? makeRemote(at, path);
    projects.set(key, known);
    return known;
  }

  async function makeRemote(at: GitServer, path: string): Promise<RemoteProject> {
    return openRemoteProject({ server: at, path, access, kept: await kept(), offline });
  }

  async function openProject(path: string, ref: string | null): Promise<OpenedProject> {
    const local = checkoutOf(request, path);
    const opened = await local?.open(ref);
    if (opened !== undefined && !isElsewhere(opened, path, request)) return opened;
    if (!isProjectPath(path)) return { kind: 'no-project', hint: null };
    if (server === null) return NO_SERVER;
    const there = await (await remote(server, path)).open(ref);
    return opened !== undefined && there.kind === 'no-project' ? opened : there;
  }

  async function openComponent({ host, project, version }: ComponentAddress): Promise<OpenedComponent> {
    const isOwnHost = server === null || server.componentHost === host || server.host === host;
    const local = isOwnHost ? checkoutOf(request, project) : checkoutOf({ ...request, ownPath: '' }, project);
    const opened = await local?.openVersion(version);
    if (opened !== undefined && !isElsewhere(opened, project, request)) return opened;
    if (!isProjectPath(project)) return { kind: 'no-project', hint: null };
    const at = isOwnHost && server !== null ? server : serverOfComponent(host);
    if (at === null) return { kind: 'no-project', hint: null };
    const there = await (await remote(at, project)).openVersion(version);
    return opened !== undefined && there.kind === 'no-project' ? opened : there;
  }

  return {
    openProject: (path, ref) => remembered(`project\0${path}\0${ref}`, () => openProject(path, ref)),
    openComponent(component) {
      const { host, project, version } = component;
      return remembered(`component\0${host}\0${project}\0${version}`, () => openComponent(component));
    },
    readRemote: (address, shown) =>
      remembered(`remote\0${address}`, async () =>
        readRemote(request, access.time, await kept(), address, shown),
      ),
    readTemplate: readShippedTemplate,
  };
}

let folders = 0;

const MAX_FETCHED_BYTES = 512 * 1024 * 1024;

const HINTS: FetchHints = {
  access:
    'If it is there and private: set SLIPWAY_TOKEN, let git know you (a credential helper, ~/.netrc or an ssh key), or let a checkout stand in with --project GROUP/NAME=FOLDER.',
  tooMuch: 'It may not know how to send a part: --project GROUP/NAME=FOLDER uses a checkout instead.',
};

/** GitLab allows half a minute, on faster ways than those of a laptop. */
const ALL_FETCHING_MS = 120_000;

/** GitLab asks for as many remote files at once. */
const MOST_AT_ONCE = 4;

function checkoutOf({ checkouts, ownPath, root }: ElsewhereRequest, path: string): Checkout | null {
  const wanted = path.toLowerCase();
  for (const [name, folder] of checkouts) {
    if (name.toLowerCase() === wanted) return openCheckout(folder);
  }
  return wanted === ownPath.toLowerCase() ? openCheckout(root, () => defaultBranch(root)) : null;
}

/** Without a ref an include means the default branch, whatever is checked out. */
async function defaultBranch(root: string): Promise<string | null> {
  const refs = await readRefs(root, ['refs/remotes/origin/HEAD', 'refs/heads/main', 'refs/heads/master']);
  const remote = refs.get('refs/remotes/origin/HEAD')?.symbolic?.replace('refs/remotes/origin/', '');
  return remote ?? ['main', 'master'].find((name) => refs.has(`refs/heads/${name}`)) ?? null;
}

/** The project's own repository may lack a ref that its server has. */
function isElsewhere(
  opened: Pick<OpenedComponent, 'kind'>,
  path: string,
  { ownPath, server }: ElsewhereRequest,
): boolean {
  const isOwn = path.toLowerCase() === ownPath.toLowerCase();
  return isOwn && server !== null && (opened.kind === 'no-ref' || opened.kind === 'no-release');
}

const NO_SERVER: Unavailable = {
  kind: 'unavailable',
  reason: 'this project has no remote `origin` that says which server has it',
  hint: 'Name the server with --server https://HOST, or a checkout of the project with --project GROUP/NAME=FOLDER.',
};

const HTTP_TIME_LIMIT_MS = 10_000;

async function readRemote(
  { mode, allowedHosts }: ElsewhereRequest,
  time: TimeBudget,
  kept: KeptIncludes,
  address: string,
  shown: string,
): Promise<RemoteFile> {
  const name = nameInLock(address, shown);
  const known = await kept.remote(name);
  if (known?.bytes) return remoteText(known.bytes);
  if (mode === 'offline') return OFFLINE;
  const answer = await time.spend<HttpAnswer>(
    (leftMs) =>
      fetchHttp(address, {
        allowedHosts,
        maxBytes: MAX_SOURCE_BYTES,
        timeLimitMs: Math.min(leftMs, HTTP_TIME_LIMIT_MS),
      }),
    () => TIMEOUT,
  );
  if (answer.kind !== 'bytes') return answer;
  if (known !== null && known.digest !== digestOf(answer.bytes)) return CHANGED;
  await kept.putRemote(name, answer.bytes);
  return remoteText(answer.bytes);
}

const CHANGED: Unavailable = {
  kind: 'unavailable',
  reason: 'it has changed since .slipway/includes.lock was written',
  hint: 'Look at the file; if the change is good, take it with --refresh.',
};

function remoteText(bytes: Buffer): RemoteFile {
  const source = decodeSource(bytes);
  return source.kind === 'text' ? { ...source, digest: digestOf(bytes) } : source;
}

/**
 * The lock file is for everybody who has the repository. What may be secret in an address (a password, what stands
 * behind `?`, the value of a masked variable) is in it as a part of a hash that tells two addresses apart.
 */
function nameInLock(address: string, shown: string): string {
  const plain = shownAddress(shown).replace(/[?#].*$/s, '');
  return plain === address ? address : `${plain}#${digestOf(Buffer.from(address)).slice(7, 23)}`;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
