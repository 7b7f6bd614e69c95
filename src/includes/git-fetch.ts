import { lookup } from 'node:dns/promises';
import { mkdirSync } from 'node:fs';
import { isIP } from 'node:net';
import { runGit } from '../base/git.ts';
import { type NetworkGitResult, runGitOverNetwork } from '../base/git-network.ts';
import type { Unavailable } from '../config/index.ts';
import { addressKind } from './address-rules.ts';
import type { GitServer } from './git-server.ts';
import { sizeBelow } from './scratch.ts';
import type { TimeBudget } from './time-budget.ts';
import { TIMEOUT } from './unavailable.ts';

export interface GitAccess {
  readonly environment: NodeJS.ProcessEnv;
  readonly allowedHosts: ReadonlySet<string>;
  /** Sent to the project's own server alone, and only when that asks for it; null: git's own ways. */
  readonly token: { readonly user: string; readonly secret: string } | null;
  /** Asks nobody who could know a password: no helper of git's configuration. */
  readonly anonymous: boolean;
  readonly time: TimeBudget;
  /** The path of a folder that is not there yet, for what is fetched on the way; whoever gives it removes it. */
  readonly newFolder: () => string;
  /** Of one project. */
  readonly maxBytes: number;
  readonly hints: FetchHints;
}

/** What the person may do who reads of a failure. */
export interface FetchHints {
  readonly access: string;
  readonly tooMuch: string;
}

export type Fetched<T> = { readonly kind: 'fetched'; readonly value: T } | NotFetched;

export type NotFetched =
  /** No such project, or no access; `hint` says what to do for access. */
  | { readonly kind: 'no-project'; readonly hint: string }
  | { readonly kind: 'no-ref'; readonly hint: null }
  | Unavailable;

/** Of one command of git. */
const TIME_LIMIT_MS = 60_000;

/** One project on a server, as git reaches it. What is fetched lies in a scratch repository. */
export interface GitRemote {
  /** The scratch repository. */
  readonly folder: string;
  /** The hashes of those of the refs that are there, by full name. Patterns may end in `*`. */
  listRefs(patterns: readonly string[]): Promise<Fetched<ReadonlyMap<string, string>>>;
  /** Brings the commit and its list of files, and no more history or content than the server insists on. */
  fetchCommit(commit: string): Promise<Fetched<null>>;
  fetchBlobs(blobs: readonly string[]): Promise<Fetched<null>>;
}

export async function openGitRemote(server: GitServer, path: string, access: GitAccess): Promise<GitRemote> {
  const folder = access.newFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Without the person's template: it could hold hooks and excludes, and nothing of it is of use here.
  await runGit(folder, ['init', '--quiet', '--bare', '--template=']);
  const url = `${server.base}${path}.git`;
  const secret = access.token?.secret ?? null;
  const environment = server.protocol === 'ssh' ? await withSshCommand(folder, access) : access.environment;

  function git(args: readonly string[]): Promise<NetworkGitResult | Unavailable> {
    return access.time.spend(
      (leftMs) => reach(args, Math.min(leftMs, TIME_LIMIT_MS)),
      () => TIMEOUT,
    );
  }

  async function reach(
    args: readonly string[],
    timeLimitMs: number,
  ): Promise<NetworkGitResult | Unavailable> {
    const pinned = await pinnedAddresses(server, access.allowedHosts);
    if ('kind' in pinned) return pinned;
    const credentials = server.isOwn && server.protocol !== 'ssh' ? tokenHelper(server, access) : NO_TOKEN;
    return runGitOverNetwork({
      folder,
      args,
      protocol: server.protocol,
      config: [...pinned, ...(access.anonymous ? ['credential.helper='] : []), ...credentials.config],
      secrets: credentials.secrets,
      environment,
      timeLimitMs,
      isTooLarge: () => sizeBelow(folder) > access.maxBytes,
    });
  }

  let last: Promise<unknown> = Promise.resolve();
  /** One after another: git locks what it writes to, and does not wait. */
  function fetch(objects: readonly string[]): Promise<Fetched<null>> {
    const fetching = last.then(() => fetchNow(objects));
    last = fetching.catch(() => null);
    return fetching;
  }

  async function fetchNow(objects: readonly string[]): Promise<Fetched<null>> {
    const result = await git([
      ...['fetch', '--quiet', '--depth=1', '--filter=blob:none', '--no-tags', '--no-write-fetch-head'],
      ...['--no-recurse-submodules', '--end-of-options', url, ...objects],
    ]);
    return 'kind' in result || !result.ok
      ? notFetched(result, secret, access.hints)
      : { kind: 'fetched', value: null };
  }

  return {
    folder,
    async listRefs(patterns) {
      const result = await git(['ls-remote', '--quiet', '--end-of-options', url, ...patterns]);
      if ('kind' in result || !result.ok) return notFetched(result, secret, access.hints);
      return { kind: 'fetched', value: parseRefs(result.stdout) };
    },
    fetchCommit: (commit) => fetch([commit]),
    fetchBlobs: fetch,
  };
}

/** The program that the person has set for git to use. What git calls it with comes last. */
async function withSshCommand(folder: string, { environment }: GitAccess): Promise<NodeJS.ProcessEnv> {
  if (environment.GIT_SSH_COMMAND !== undefined) return environment;
  const configured = await runGitOverNetwork({
    folder,
    args: ['config', '--get', 'core.sshCommand'],
    protocol: 'ssh',
    config: [],
    secrets: {},
    environment,
    timeLimitMs: TIME_LIMIT_MS,
  });
  return configured.ok ? { ...environment, GIT_SSH_COMMAND: configured.stdout.trim() } : environment;
}

function parseRefs(listed: string): ReadonlyMap<string, string> {
  const refs = new Map<string, string>();
  for (const line of listed.split('\n')) {
    const [hash = '', name = ''] = line.split('\t');
    if (name !== '' && /^[0-9a-f]{40,64}$/.test(hash)) refs.set(name, hash);
  }
  return refs;
}

interface Credentials {
  readonly config: readonly string[];
  readonly secrets: Readonly<Record<string, string>>;
}

const NO_TOKEN: Credentials = { config: [], secrets: {} };

/**
 * A helper for this one server that git asks once the server wants a password. It takes the token from its environment,
 * where other people of the machine cannot see it.
 */
function tokenHelper({ base }: GitServer, { token }: GitAccess): Credentials {
  if (token === null) return NO_TOKEN;
  const script =
    '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$SLIPWAY_FETCH_USER" "$SLIPWAY_FETCH_TOKEN"; }; f';
  return {
    // An empty one forgets those of the person's configuration, which could hold another account.
    config: [`credential.${base}.helper=`, `credential.${base}.helper=${script}`],
    secrets: { SLIPWAY_FETCH_USER: token.user, SLIPWAY_FETCH_TOKEN: token.secret },
  };
}

/**
 * For a server that a file named: its addresses, looked up and judged once, and then the only ones git connects to. The
 * project's own server may be where it likes.
 */
async function pinnedAddresses(
  { base, host, isOwn }: GitServer,
  allowed: ReadonlySet<string>,
): Promise<readonly string[] | Unavailable> {
  if (isOwn || allowed.has(host)) return [];
  const addresses = isIP(host) > 0 ? [{ address: host }] : await lookup(host, { all: true }).catch(() => []);
  if (addresses.length === 0) {
    return { kind: 'unavailable', reason: `of a socket error: ${host} has no address`, hint: null };
  }
  const wrong = addresses.map(({ address }) => addressKind(address)).find((kind) => kind !== 'public');
  if (wrong !== undefined) {
    const where = wrong === 'localhost' ? wrong : `the ${wrong}`;
    return {
      kind: 'unavailable',
      reason: `URL is blocked: Requests to ${where} are not allowed`,
      hint: `A file from elsewhere could reach into your network this way. If it is meant: --allow-host ${host}`,
    };
  }
  if (isIP(host) > 0) return [];
  const port = new URL(base).port || '443';
  return [`http.curloptResolve=${host}:${port}:${addresses.map(({ address }) => address).join(',')}`];
}

/** What git says when the other side has no such project for us; servers do not tell whether there is one. */
const DENIED =
  /not found|authentication failed|could not read (?:username|password)|terminal prompts disabled|permission denied|access denied|does not appear to be a git repository|HTTP (?:401|403|404)|error: (?:401|403|404)/i;

/** The server has the project, and not this object. */
const NO_OBJECT = /not our ref|couldn't find remote ref|unadvertised object|no such remote ref/i;

function notFetched(
  result: NetworkGitResult | Unavailable,
  secret: string | null,
  hints: FetchHints,
): NotFetched {
  if ('kind' in result) return result;
  if (result.ended === 'time') return TIMEOUT;
  if (result.ended === 'size') {
    return { kind: 'unavailable', reason: 'the server sends too much', hint: hints.tooMuch };
  }
  const words = result.ok ? '' : result.stderr;
  if (NO_OBJECT.test(words)) return { kind: 'no-ref', hint: null };
  if (DENIED.test(words)) return { kind: 'no-project', hint: hints.access };
  const line = words.split('\n').find((text) => /^(?:fatal|error):/.test(text)) ?? words.split('\n')[0] ?? '';
  const shown = secret === null ? line : line.replaceAll(secret, '***');
  return {
    kind: 'unavailable',
    reason: `git failed (${shown.replace(/\/\/[^/@\s]*@/g, '//').slice(0, 300)})`,
    hint: null,
  };
}
