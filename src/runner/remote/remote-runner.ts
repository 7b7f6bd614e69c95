import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { AppError } from '../../base/app-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { JobSpec } from '../../protocol/index.ts';
import { createFolderCacheStore } from '../cache/folder-cache-store.ts';
import { removeAbandonedContainers } from '../docker/remove-abandoned.ts';
import { createExecutors } from '../executors.ts';
import { createRunFolder, removeAbandonedRuns } from '../folder/run-folder.ts';
import type { CacheStore } from '../ports.ts';
import { createJobNumbers, type JobNumbers } from './job-numbers.ts';
import { createJobRoom, type JobRoom } from './job-room.ts';
import { readOfferedJob } from './offered-job.ts';
import { type HeldPlaces, holdPlaces } from './places/held-places.ts';
import { type PollRequest, pollForJobs } from './poll-for-jobs.ts';
import { type JobSurroundings, runOfferedJob } from './run-offered-job.ts';
import type { RunnerEvent } from './runner-events.ts';
import { connectToServer } from './server/connection.ts';
import { createRunnerCalls } from './server/runner-calls.ts';
import { describeRunner } from './server/runner-description.ts';
import { claimMirrors } from './sources/claim-mirrors.ts';
import { createServerWorkspaces } from './sources/server-workspaces.ts';
import { tidyMirrors } from './sources/tidy-mirrors.ts';

export interface RemoteRunner {
  /** Of the server, as for a browser. */
  readonly url: string;
  /** The runner's own, `glrt-…`. */
  readonly token: string;
  /** Names this machine among those that use the token. */
  readonly systemId: string;
  /** How many jobs at once. */
  readonly concurrency: number;
  /** Of this program, told to the server. */
  readonly version: string;
  /** `auto`: containers for the jobs that name an image, this machine's shell for the others. */
  readonly executor: 'auto' | 'shell' | 'docker';
  /** The image of jobs that name none, when they run in containers. */
  readonly defaultImage: string | null;
  readonly sandbox: 'auto' | 'off';
  readonly privileged: 'auto' | boolean;
  /** Containers get the socket of the engine they run in; absent: they do not. */
  readonly engineSocket?: boolean;
  /** Certificates (PEM) to trust besides those of the system; null: none. */
  readonly certificates: string | null;
  /** More of a job's log than this is not sent. */
  readonly logLimitBytes: number;
  /** Files of running jobs; what a killed runner leaves here, the next one removes. */
  readonly scratchRoot: string;
  /** Mirrors of repositories and caches of jobs, which may be lost at any time. */
  readonly cacheFolder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly listener: (event: RunnerEvent) => void;
  /** Shared by several runners of one process; absent: `concurrency` is this one's own. */
  readonly room?: JobRoom;
  readonly drain: AbortSignal;
  readonly handBack: AbortSignal;
  readonly abandon: AbortSignal;
}

/** `refused`: the server does not know the token. */
export type RemoteRunnerEnd =
  | { readonly kind: 'drained' }
  | { readonly kind: 'refused'; readonly reason: string };

export async function run(runner: RemoteRunner): Promise<RemoteRunnerEnd> {
  const { clock, random, listener } = runner;
  setMaxListeners(0, runner.drain, runner.handBack, runner.abandon);
  using connection = connectToServer(runner);
  const left = (await removeAbandonedRuns(runner.scratchRoot)).map((path) => basename(path));
  await using folder = await createRunFolder(runner.scratchRoot);
  await using mirrors = await claimMirrors(lastingFolder(runner, 'mirrors'));
  await tidyMirrors(mirrors.path, MOST_MIRROR_BYTES);
  await using executors = createExecutors(runner, folder.path);
  const process = basename(folder.path);
  const info = describeRunner(runner.version, runner.executor, process);
  const calls = createRunnerCalls(connection, runner, info);
  const sources = createServerWorkspaces({
    mirrors: mirrors.path,
    runFolder: folder.path,
    environment: runner.environment,
    certificatesFile: await certificatesFile(runner, folder.path),
    clock,
    random,
  });
  await using places = holdPlaces({
    ...{ calls, process, left, clock, random, listener },
    folder: folder.path,
    reclaim: async (path) => await executors.of('docker').reclaim?.(path),
    drain: runner.drain,
    abandon: runner.abandon,
  });
  const surroundings: JobSurroundings = {
    connection,
    info,
    facts: { ...runner, machine: hostname() },
    numbers: createJobNumbers(),
    numbersIn: numbersOfProjects(),
    executorFor: (job) => executors.of(executorName(runner, job)),
    workspacesFor: ({ spec, access }) => sources.of(spec.git, access.repository),
    enterPlace: (place) => places.enter(place),
    cachesFor: (projectId) => cachesOf(runner, projectId),
    runFolder: folder.path,
    logLimitBytes: runner.logLimitBytes,
    clock,
    random,
    listener,
    handBack: runner.handBack,
    abandon: runner.abandon,
  };
  const own = createJobRoom(runner.concurrency);
  const rooms = runner.room === undefined ? [own] : [own, runner.room];
  const stop = AbortSignal.any([runner.drain, runner.handBack, runner.abandon]);
  stop.addEventListener('abort', () => listener({ type: 'draining', jobs: own.running() }), { once: true });
  // The first job is not the one to find out what this machine can do.
  if (runner.executor !== 'docker') await executors.of('shell').layersWorkspaces?.();
  if (runner.executor === 'docker') await removeLeftContainers(runner);
  listener({ type: 'ready' });
  const polling = {
    calls,
    clock,
    random,
    listener,
    async roomForJob(signal: AbortSignal) {
      for (const room of rooms) await room.wait(signal);
    },
    take(offer: unknown) {
      const job = takeJob(offer, surroundings);
      for (const room of rooms) room.enter(job);
    },
  };
  const refusal = await pollForJobs({ ...polling, signal: stop });
  if (refusal === null) await finishBuilds(runner, { polling, own, places });
  await own.empty();
  return refusal === null ? { kind: 'drained' } : { kind: 'refused', reason: refusal };
}

/**
 * Takes no jobs but those of pipelines whose files are here, which nobody else could go on with, until they are over. A job
 * that has been given may yet begin such a pipeline.
 */
async function finishBuilds(
  { handBack, abandon }: RemoteRunner,
  parts: {
    readonly polling: Omit<PollRequest, 'placedOnly' | 'signal'>;
    readonly own: JobRoom;
    readonly places: HeldPlaces;
  },
): Promise<void> {
  const { polling, own, places } = parts;
  const over = new AbortController();
  async function untilNothingIsLeft(): Promise<void> {
    do {
      await own.empty();
      await places.empty();
    } while (own.running() > 0);
    over.abort();
  }
  void untilNothingIsLeft();
  const signal = AbortSignal.any([over.signal, handBack, abandon]);
  await pollForJobs({ ...polling, placedOnly: true, signal });
}

/** As much as caches may take. */
const MOST_MIRROR_BYTES = 20 * 1024 ** 3;

async function takeJob(offer: unknown, surroundings: JobSurroundings): Promise<void> {
  const { listener } = surroundings;
  try {
    const job = await readOfferedJob(offer);
    if (job.kind === 'unreadable') listener({ type: 'bad-offer', problem: job.problem });
    else await runOfferedJob(job, surroundings);
  } catch (error) {
    listener({ type: 'defect', job: null, error });
  }
}

/** An engine that is away is told by the jobs that want it. */
async function removeLeftContainers({ environment, listener }: RemoteRunner): Promise<void> {
  try {
    await removeAbandonedContainers({ env: environment });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    listener({ type: 'warning', message: error.message });
  }
}

function executorName({ executor, defaultImage }: RemoteRunner, { image }: JobSpec): 'shell' | 'docker' {
  if (executor !== 'auto') return executor;
  return image !== null || defaultImage !== null ? 'docker' : 'shell';
}

/** For git, to which a file of certificates is all that it trusts: the system's are in it, too. */
async function certificatesFile({ certificates }: RemoteRunner, folder: string): Promise<string | null> {
  if (certificates === null) return null;
  const path = join(folder, 'certificates.pem');
  await writeFile(path, [...getCACertificates('default'), certificates].join('\n'));
  return path;
}

/** What stays of jobs of one server, and may be lost at any time. */
function lastingFolder({ cacheFolder, url }: RemoteRunner, what: string): string {
  const digest = createHash('sha256').update(url).digest('hex').slice(0, 16);
  return join(cacheFolder, 'runner', digest, what);
}

function numbersOfProjects(): (projectId: number) => JobNumbers {
  const numbers = new Map<number, JobNumbers>();
  return (projectId) => {
    const found = numbers.get(projectId) ?? createJobNumbers();
    numbers.set(projectId, found);
    return found;
  };
}

/** Projects share none. */
function cachesOf(runner: RemoteRunner, projectId: number): CacheStore {
  const { clock } = runner;
  return createFolderCacheStore(join(lastingFolder(runner, 'caches'), String(projectId)), { clock });
}
