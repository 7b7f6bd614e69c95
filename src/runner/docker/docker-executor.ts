import type { Clock } from '../../base/clock.ts';
import type { PullPolicy } from '../../pipeline/index.ts';
import type { Executor } from '../executor.ts';
import type { Engine } from './engine.ts';
import { connectEngine } from './engine.ts';
import { prepareJob } from './prepare-job.ts';
import { reclaimFolder } from './reclaim-folder.ts';

export interface DockerExecutorOptions {
  /** Names this run in labels and container names; no two runs share one. */
  readonly runId: string;
  /** Where the engine and the person's registry credentials are: DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, HOME, … */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** For jobs that name none; null makes such a job fail with `image-missing`. */
  readonly defaultImage: string | null;
  /** For images that ask for none: tried in order. */
  readonly pullPolicy: readonly PullPolicy[];
  /**
   * `auto`: only a `docker:dind` service is privileged. `true`: the containers of every job are, which gives any job
   * root on this machine. `false`: none is.
   */
  readonly privileged: 'auto' | boolean;
  /** Every job's container has the engine's socket, which gives any job this machine. Services do not. */
  readonly engineSocket: boolean;
  /** How long services may take to accept connections before the job starts all the same. */
  readonly serviceWaitSeconds: number;
  /** A limit for each container; null: none. */
  readonly memoryBytes: number | null;
}

export const DOCKER_DEFAULTS = {
  defaultImage: null,
  pullPolicy: ['if-not-present'],
  privileged: 'auto',
  engineSocket: false,
  serviceWaitSeconds: 30,
  memoryBytes: null,
} as const satisfies Partial<DockerExecutorOptions>;

/**
 * Runs jobs in containers of the Docker engine on this machine. Nothing is contacted or loaded before the first job.
 *
 * A job without services costs the engine one inspect, create, attach, start, wait and remove; each further script
 * starts the same container again, so that the image's entrypoint runs for it too and nothing of the script before it
 * is left but its files.
 */
export function createDockerExecutor(options: DockerExecutorOptions): Executor {
  let engine: Promise<Engine> | null = null;
  let jobs = 0;
  let lastImageId: string | null = null;
  const connected = () => {
    engine ??= connectEngine(options.env);
    return engine;
  };

  return {
    name: 'docker',
    async prepare(request) {
      request.signal.throwIfAborted();
      jobs += 1;
      const environment = await prepareJob(await connected(), options, request, jobs);
      lastImageId = environment.imageId;
      return environment;
    },
    async reclaim(folder) {
      if (lastImageId === null) return;
      await reclaimFolder(await connected(), lastImageId, folder, options.runId);
    },
  };
}
