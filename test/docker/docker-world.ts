import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../src/base/clock.ts';
import type { JobImage, JobService, JobSpec, JobVariable } from '../../src/protocol/index.ts';
import type { DockerExecutorOptions, Executor, JobEnvironment, JobLog } from '../../src/runner/index.ts';
import { createDockerExecutor, DOCKER_DEFAULTS } from '../../src/runner/index.ts';

const run = promisify(execFile);

export const BASE_IMAGE = 'slipway-test/busybox:latest';

/** @throws with what to install, so that a machine without an engine fails these tests instead of skipping them. */
export async function requireEngine(): Promise<void> {
  try {
    await docker('version', '--format', '{{.Server.Version}}');
  } catch (cause) {
    throw new Error(
      'The docker tests need a running Docker engine and its command (Debian: apt-get install docker.io; dockerd).',
      { cause },
    );
  }
  await run(join(import.meta.dirname, '../images/build-base.sh'));
}

/** The trimmed output of a `docker` command. */
export async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('docker', [...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

/** Makes a variant of the base image, by lines of a Dockerfile. */
export async function buildImage(name: string, ...lines: readonly string[]): Promise<void> {
  // The one builder that needs neither a registry nor a plugin.
  const env = { ...process.env, DOCKER_BUILDKIT: '0' };
  const building = run('docker', ['build', '--quiet', '--tag', name, '-'], { env });
  building.child.stdin?.end([`FROM ${BASE_IMAGE}`, ...lines].join('\n'));
  await building;
}

/** What a run has in the engine, one line each. */
export async function leftovers(runId: string): Promise<readonly string[]> {
  const filter = ['--filter', `label=dev.slipway.run=${runId}`];
  const lists = await Promise.all([
    docker('ps', '--all', '--quiet', ...filter),
    docker('network', 'ls', '--quiet', ...filter),
    docker('volume', 'ls', '--quiet', ...filter),
  ]);
  return lists.flatMap((list) => list.split('\n')).filter((line) => line !== '');
}

export function image(name: string, over: Partial<JobImage> = {}): JobImage {
  return { name, entrypoint: null, pullPolicy: [], platform: null, user: null, ...over };
}

export function service(name: string, over: Partial<JobService> = {}): JobService {
  return { ...image(name), aliases: [], command: null, variables: [], ...over };
}

export function variable(key: string, value: string, over: Partial<JobVariable> = {}): JobVariable {
  return { key, value, file: false, masked: false, raw: false, ...over };
}

export function jobSpec(over: Partial<JobSpec> = {}): JobSpec {
  return {
    id: 1,
    name: 'job',
    stage: 'test',
    pipelineId: 1,
    projectPath: 'group/project',
    git: { sha: '0'.repeat(40), ref: 'main', refKind: 'branch' },
    variables: [],
    preGetSourcesScript: [],
    script: [],
    afterScript: [],
    image: image(BASE_IMAGE),
    services: [],
    caches: [],
    artifacts: [],
    dependencies: [],
    timeoutSeconds: 3600,
    environment: null,
    ...over,
  };
}

/** A log that keeps everything in memory. */
export interface MemoryLog extends JobLog {
  text(): string;
}

export function memoryLog(): MemoryLog {
  const chunks: Uint8Array[] = [];
  const add = async (text: string) => {
    chunks.push(Buffer.from(text));
  };
  return {
    write: async (bytes) => {
      chunks.push(bytes.slice());
    },
    line: (text) => add(`${text}\n`),
    sectionStart: (name) => add(`section_start:${name}\n`),
    sectionEnd: (name) => add(`section_end:${name}\n`),
    mask: () => undefined,
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}

export interface World extends AsyncDisposable {
  readonly runId: string;
  readonly folder: string;
  readonly executor: Executor;
  /** Prepares a job in a workspace of its own; disposed of with the world unless done before. */
  prepare(job: Partial<JobSpec>, log?: JobLog, signal?: AbortSignal): Promise<JobEnvironment>;
  /** Prepares a job, runs one script in it and disposes of it: what came out, and how it ended. */
  runJob(job: Partial<JobSpec>, script: string): Promise<Outcome>;
}

export interface Outcome {
  /** What the script itself and the image's entrypoint wrote. */
  readonly output: string;
  /** What the executor said while preparing. */
  readonly preparation: string;
  readonly exitCode: number | null;
  readonly result: string;
}

let worlds = 0;

export async function createWorld(options: Partial<DockerExecutorOptions> = {}): Promise<World> {
  worlds += 1;
  const runId = `test-${process.pid}-${worlds}`;
  const folder = await mkdtemp(join(tmpdir(), 'slipway-docker-test-'));
  const executor = createDockerExecutor({
    ...DOCKER_DEFAULTS,
    runId,
    // The person's own registry credentials have no place in a test.
    env: { HOME: folder, PATH: process.env.PATH, DOCKER_HOST: process.env.DOCKER_HOST },
    clock: systemClock,
    ...options,
  });
  const environments: JobEnvironment[] = [];
  let jobs = 0;

  async function prepare(
    job: Partial<JobSpec>,
    log: JobLog = memoryLog(),
    signal: AbortSignal = new AbortController().signal,
  ): Promise<JobEnvironment> {
    jobs += 1;
    const workspace = join(folder, `${jobs}`, 'workspace');
    const scratch = join(folder, `${jobs}`, 'scratch');
    await mkdir(workspace, { recursive: true });
    await mkdir(scratch, { recursive: true });
    const environment = await executor.prepare({
      job: jobSpec({ id: jobs, ...job }),
      workspace,
      scratch,
      log,
      signal,
    });
    environments.push(environment);
    return environment;
  }

  return {
    runId,
    folder,
    executor,
    prepare,
    async runJob(job, script) {
      const preparation = memoryLog();
      const environment = await prepare(job, preparation);
      try {
        const log = memoryLog();
        const result = await environment.run({
          script,
          log,
          signal: new AbortController().signal,
          graceSeconds: 5,
        });
        return {
          output: log.text(),
          preparation: preparation.text(),
          exitCode: result.kind === 'exited' ? result.exitCode : null,
          result: result.kind === 'lost' ? `lost: ${result.reason}` : result.kind,
        };
      } finally {
        await environment[Symbol.asyncDispose]();
      }
    },
    async [Symbol.asyncDispose]() {
      for (const environment of environments) await environment[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
