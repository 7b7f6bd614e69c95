import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../base/app-error.ts';
import type { JobAccess, JobSpec } from '../../../protocol/index.ts';
import { removeTree } from '../../folder/remove-tree.ts';
import type { JobLog } from '../../log/job-log.ts';
import type { Workspace, WorkspaceLayer, WorkspaceRequest, WorkspaceSource } from '../../ports.ts';
import { copySnapshot } from '../../workspace/copy-snapshot.ts';
import { showObjectsAside } from '../../workspace/git-skeleton.ts';
import { checkOutCommit, type Snapshot } from '../../workspace/snapshot.ts';
import { fetchCommit, mirrorName, type WantedCommit } from './mirror.ts';
import { type RepositoryAddress, readRepositoryAddress } from './repository-address.ts';

export interface ServerWorkspacesOptions {
  /** Mirrors of repositories, which stay. This process has it for itself. */
  readonly mirrors: string;
  /** This process's own, for checkouts and working copies. */
  readonly runFolder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly certificatesFile: string | null;
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
  const checkouts = new Map<string, Checkout>();
  const lastFetches = new Map<string, Promise<unknown>>();
  let copies = 0;
  const nextPath = (what: string) => {
    copies += 1;
    return join(options.runFolder, `${what}-${copies}`);
  };

  async function checkOut(
    address: RepositoryAddress,
    wanted: WantedCommit,
    request: WorkspaceRequest,
  ): Promise<Ready> {
    await tellFetch(request.log, address, wanted);
    const surroundings = { ...options, folder: options.mirrors, signal: request.signal };
    const mirror = mirrorName(address, wanted);
    // Git locks what it writes to, and does not wait.
    const before = lastFetches.get(mirror) ?? Promise.resolve();
    const fetching = before.then(() => attempts(request, () => fetchCommit(address, wanted, surroundings)));
    lastFetches.set(
      mirror,
      fetching.catch(() => undefined),
    );
    const repository = await fetching;
    const folder = nextPath('checkout');
    await mkdir(folder, { mode: 0o700 });
    try {
      const snapshot = await checkOutCommit(folder, repository, wanted.sha);
      return { snapshot, references: await showObjectsAside(folder, repository) };
    } catch (error) {
      await removeTree(folder);
      throw error;
    }
  }

  /** The checkout that is there, or a new one; one that could not be made is forgotten. */
  async function take(
    address: RepositoryAddress,
    wanted: WantedCommit,
    request: WorkspaceRequest,
  ): Promise<{ readonly ready: Ready; release(): Promise<void> }> {
    const key = JSON.stringify([address.url, wanted]);
    for (;;) {
      const found = checkouts.get(key);
      if (found !== undefined)
        await request.log.line(`Taking ${address.url} as it was fetched for another job...`);
      const checkout = found ?? { ready: checkOut(address, wanted, request), users: 0 };
      checkouts.delete(key);
      checkouts.set(key, checkout);
      checkout.users += 1;
      const release = async () => {
        checkout.users -= 1;
        await forgetUnused(checkouts);
      };
      try {
        return { ready: await checkout.ready, release };
      } catch (error) {
        if (checkouts.get(key) === checkout) checkouts.delete(key);
        await release();
        request.signal.throwIfAborted();
        // It was another job's attempt, and may have ended with that job.
        if (found === undefined) throw error;
      }
    }
  }

  return {
    of: (git, repository) => ({
      async create(request) {
        const path = nextPath(`workspace-${request.jobId}`);
        if (!request.sources) return await emptyWorkspace(path, request.layered);
        const address = readRepositoryAddress(repository.url);
        const wanted = { sha: commitOf(git), refspecs: repository.refspecs, depth: repository.depth };
        const { ready, release } = await take(address, wanted, request);
        if (request.layered) {
          const layer: WorkspaceLayer = { lower: ready.snapshot.folder, references: ready.references };
          return { path, layer, [Symbol.asyncDispose]: release };
        }
        try {
          await mkdir(path, { mode: 0o700 });
          await copySnapshot(ready.snapshot, path);
        } finally {
          await release();
        }
        return { path, layer: null, [Symbol.asyncDispose]: () => removeTree(path) };
      },
    }),
  };
}

interface Ready {
  readonly snapshot: Snapshot;
  readonly references: WorkspaceLayer['references'];
}

interface Checkout {
  readonly ready: Promise<Ready>;
  users: number;
}

/** Checkouts that no job uses, the newest ones of which are kept. */
const MOST_UNUSED = 8;

async function forgetUnused(checkouts: Map<string, Checkout>): Promise<void> {
  const unused = [...checkouts].filter(([, { users }]) => users === 0);
  for (const [key, { ready }] of unused.slice(0, -MOST_UNUSED)) {
    checkouts.delete(key);
    await removeTree((await ready).snapshot.folder);
  }
}

/** A layer over nothing: an empty folder, which nobody writes to. */
async function emptyWorkspace(path: string, layered: boolean): Promise<Workspace> {
  await mkdir(path, { mode: 0o700 });
  const layer = layered ? { lower: path, references: [] } : null;
  return { path, layer, [Symbol.asyncDispose]: () => removeTree(path) };
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
