import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../base/app-error.ts';
import type { Clock } from '../../../base/clock.ts';
import type { JobAccess, JobSpec } from '../../../protocol/index.ts';
import { removeTree } from '../../folder/remove-tree.ts';
import type { JobLog } from '../../log/job-log.ts';
import type { Workspace, WorkspaceLayer, WorkspaceRequest, WorkspaceSource } from '../../ports.ts';
import { copySnapshot } from '../../workspace/copy-snapshot.ts';
import { showObjectsAside } from '../../workspace/git-skeleton.ts';
import { checkOutCommit, type Snapshot } from '../../workspace/snapshot.ts';
import { fetchLargeFiles, WITHOUT_LARGE_FILES, wantsLargeFiles } from './large-files.ts';
import { fetchCommit, mirrorName, type WantedCommit } from './mirror.ts';
import { type RepositoryAddress, readRepositoryAddress } from './repository-address.ts';
import { createSharedThings } from './shared-things.ts';
import { fetchSubmodules, type WantedSubmodules, wantedSubmodules } from './submodules.ts';
import { repackMirror } from './tidy-mirrors.ts';

export interface ServerWorkspacesOptions {
  /** Mirrors of repositories, which stay. This process has it for itself. */
  readonly mirrors: string;
  /** This process's own, for checkouts and working copies. */
  readonly runFolder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly certificatesFile: string | null;
  readonly clock: Clock;
  readonly random: () => number;
}

/** The sources of all jobs of a runner. */
export interface ServerWorkspaces {
  /** For one job. */
  of(git: JobSpec['git'], repository: JobAccess['repository']): WorkspaceSource;
}

/**
 * Working copies of what servers host. A commit is fetched into a mirror of its repository and checked out once; the
 * jobs that want it then see that checkout through layers of their own, which takes no time, or get copies of it.
 * The last checkouts are kept for further jobs of their commits.
 */
export function createServerWorkspaces(options: ServerWorkspacesOptions): ServerWorkspaces {
  const checkouts = createSharedThings<Checkout>(MOST_UNUSED, ({ snapshot }) => removeTree(snapshot.folder));
  const lastFetches = new Map<string, Promise<void>>();
  const fetches = new Map<string, number>();
  let copies = 0;
  const nextPath = (what: string) => {
    copies += 1;
    return join(options.runFolder, `${what}-${copies}`);
  };

  async function checkOut(
    address: RepositoryAddress,
    wanted: WantedSources,
    request: WorkspaceRequest,
  ): Promise<Checkout> {
    await tellFetch(request.log, address, wanted);
    const { log, signal } = request;
    const surroundings = { ...options, folder: options.mirrors, log, signal };
    const mirror = mirrorName(address, wanted);
    // Git locks what it writes to, and does not wait.
    const before = lastFetches.get(mirror) ?? Promise.resolve();
    const fetching = before.then(() => attempts(request, () => fetchCommit(address, wanted, surroundings)));
    lastFetches.set(mirror, afterFetch(mirror, fetching));
    const repository = await fetching;
    const folder = nextPath('checkout');
    await mkdir(folder, { mode: 0o700 });
    try {
      const snapshot = await checkOutCommit(folder, repository, wanted.sha, WITHOUT_LARGE_FILES);
      const { submodules, largeFiles } = wanted;
      if (largeFiles) await fetchLargeFiles(folder, address, surroundings);
      if (submodules !== null) {
        await request.log.line('Fetching submodules...');
        await attempts(request, () => fetchSubmodules(folder, address, submodules, surroundings));
      }
      return { snapshot, references: await showObjectsAside(folder, repository) };
    } catch (error) {
      await removeTree(folder);
      throw error;
    }
  }

  /** What is to be done before the next fetch; it makes no job wait that has its commit. */
  async function afterFetch(mirror: string, fetching: Promise<unknown>): Promise<void> {
    await fetching.catch(() => undefined);
    const count = (fetches.get(mirror) ?? 0) + 1;
    fetches.set(mirror, count);
    if (count % REPACK_EVERY === 0) await repackMirror(join(options.mirrors, mirror));
  }

  return {
    of: (git, repository) => ({
      honours: HONOURED,
      async create(request) {
        const path = nextPath(`workspace-${request.jobId}`);
        if (!request.sources)
          return await emptyWorkspace(path, join(options.runFolder, 'no-sources'), request.layered);
        const address = readRepositoryAddress(repository.url);
        const { refspecs } = repository;
        const depth = wantedDepth(request.variables, repository.depth);
        const submodules = wantedSubmodules(request.variables, depth);
        const largeFiles = wantsLargeFiles(request.variables);
        const wanted = { sha: commitOf(git), refspecs, depth, submodules, largeFiles };
        const key = JSON.stringify([address.url, wanted]);
        const { thing, wasThere, release } = await checkouts.use(
          key,
          () => checkOut(address, wanted, request),
          () => request.signal.aborted,
        );
        if (wasThere) await request.log.line(`Taking ${address.url} as it was fetched for another job.`);
        if (request.layered) {
          const layer: WorkspaceLayer = { lower: thing.snapshot.folder, references: thing.references };
          return { path, layer, [Symbol.asyncDispose]: release };
        }
        try {
          await mkdir(path, { mode: 0o700 });
          await copySnapshot(thing.snapshot, path);
        } finally {
          await release();
        }
        return { path, layer: null, [Symbol.asyncDispose]: () => removeTree(path) };
      },
    }),
  };
}

interface WantedSources extends WantedCommit {
  readonly submodules: WantedSubmodules | null;
  readonly largeFiles: boolean;
}

interface Checkout {
  readonly snapshot: Snapshot;
  readonly references: WorkspaceLayer['references'];
}

/** Checkouts that no job uses, and which the next may want. */
const MOST_UNUSED = 8;

const HONOURED: ReadonlySet<string> = new Set([
  ...['GIT_DEPTH', 'GET_SOURCES_ATTEMPTS', 'GIT_SUBMODULE_STRATEGY', 'GIT_SUBMODULE_PATHS'],
  ...['GIT_SUBMODULE_DEPTH', 'GIT_SUBMODULE_FORCE_HTTPS', 'GIT_LFS_SKIP_SMUDGE'],
]);

const REPACK_EVERY = 50;

/** All that have no sources see one empty folder, each through its layer: so the executor can use what it has again. */
async function emptyWorkspace(path: string, shared: string, layered: boolean): Promise<Workspace> {
  await mkdir(layered ? shared : path, { recursive: true, mode: 0o700 });
  if (!layered) return { path, layer: null, [Symbol.asyncDispose]: () => removeTree(path) };
  return { path, layer: { lower: shared, references: [] }, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** The server has looked at GIT_DEPTH where it is GitLab; a job's own rules may have changed it since. */
function wantedDepth(variables: ReadonlyMap<string, string>, told: number): number {
  const own = variables.get('GIT_DEPTH') ?? '';
  return /^\d{1,9}$/.test(own) ? Number(own) : told;
}

function commitOf({ sha }: JobSpec['git']): string {
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha)) return sha;
  throw new AppError('sources-not-fetched', 'The server does not name a commit for this job.');
}

async function tellFetch(log: JobLog, { url }: RepositoryAddress, { depth }: WantedCommit): Promise<void> {
  const history = depth > 0 ? `the last ${depth} commits` : 'the whole history';
  await log.line(`Fetching ${url} (${history})...`);
}

/** GET_SOURCES_ATTEMPTS, 1 to 10. */
async function attempts<Value>({ variables, log, signal }: WorkspaceRequest, fetch: () => Promise<Value>) {
  const most = Math.min(10, Math.max(1, Number(variables.get('GET_SOURCES_ATTEMPTS') ?? 1) || 1));
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fetch();
    } catch (error) {
      signal.throwIfAborted();
      if (attempt === most || !(error instanceof AppError)) throw error;
      await log.line(`WARNING: ${error.message} Trying again...`, 'warning');
    }
  }
}
