import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { appendFile, mkdir, readFile, rename, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import {
  advance,
  type BuildJob,
  createState,
  FAILURE_REASONS,
  type PipelineEvent,
  type Plan,
  pipelineStatus,
} from '../../../pipeline/index.ts';
import { buildSpec, toWire, type WireJob } from '../../../protocol/index.ts';
import type { JobBroker, JobRecord, RunnerEnding, UploadedArtifact } from '../ports.ts';
import { hashToken } from '../token-hash.ts';

export interface MemoryBrokerOptions {
  readonly plan: Plan;
  /** Traces and artifacts are kept here. */
  readonly folder: string;
  readonly runnerToken: string;
  readonly repository: {
    /** For the token of the job that reads it. */
    readonly url: (token: string) => string;
    readonly sha: string;
    readonly ref: string;
  };
}

export interface HandedOut {
  readonly id: number;
  readonly job: BuildJob;
  readonly attempt: number;
  readonly token: string;
  status: JobRecord['status'];
  ending: RunnerEnding | null;
  bytes: number;
  crc: number;
  restarted: boolean;
  readonly artifacts: Map<string, UploadedArtifact>;
  /** Its runner can end a script in peace. */
  readonly isGraceful: boolean;
}

/** One pipeline for the tests of the routes: the real state machine, with its traces and artifacts in a folder. */
export function createMemoryBroker({ plan, folder, runnerToken, repository }: MemoryBrokerOptions) {
  const runners = new Set([hashToken(runnerToken)]);
  const jobs: HandedOut[] = [];
  const queue: { readonly job: BuildJob; readonly attempt: number }[] = [];
  const changed = new EventTarget();
  let state = createState(plan);
  let version = 0;

  function happen(event: PipelineEvent): void {
    const step = advance(state, event);
    state = step.state;
    for (const command of step.commands) {
      if (command.type === 'run-job') {
        const job = plan.jobs.find(({ name }) => name === command.job);
        if (job?.kind === 'build') queue.push({ job, attempt: command.attempt });
      }
      if (command.type === 'cancel-job') {
        const taken = jobs.find((one) => one.job.name === command.job && one.attempt === command.attempt);
        if (taken === undefined) continue;
        taken.status = taken.isGraceful ? 'canceling' : 'canceled';
        if (taken.isGraceful) continue;
        happenLater({
          type: 'job-finished',
          job: command.job,
          attempt: command.attempt,
          outcome: { status: 'canceled' },
        });
      }
    }
    version += 1;
    changed.dispatchEvent(new Event('change'));
  }

  function started({ job, attempt }: HandedOut): void {
    happen({ type: 'job-started', job: job.name, attempt });
  }

  function happenLater(event: PipelineEvent): void {
    queueMicrotask(() => happen(event));
  }

  function found(id: number): HandedOut {
    const job = jobs[id - 1];
    if (job === undefined) throw new RangeError(`No job ${id}`);
    return job;
  }

  const tracePath = (id: number) => join(folder, `${id}.log`);
  const artifactPath = (id: number, type: string) => join(folder, `${id}.${type}`);

  const record = ({ id, token, status }: HandedOut): JobRecord => ({
    id,
    tokenHash: hashToken(token),
    status,
    isOffered: status === 'pending',
    traceIntervalSeconds: 1,
    traceLimitBytes: 16 * 1024 * 1024,
    artifactLimitBytes: 1024 * 1024,
  });

  function wire({ id, job, token }: HandedOut): WireJob {
    const sources = jobs.filter((one) => one.artifacts.has('archive') && one.job.name !== job.name);
    const values = { CI: 'true', CI_JOB_ID: String(id), CI_JOB_NAME: job.name, CI_PROJECT_PATH: 'group/app' };
    const spec = buildSpec(job, {
      jobId: id,
      pipelineId: 1,
      projectPath: 'group/app',
      git: { sha: repository.sha, ref: repository.ref, refKind: 'branch' },
      variables: Object.entries(values).map(([key, value]) => ({
        key,
        value,
        file: false,
        masked: false,
        raw: true,
      })),
      dependencies: sources.map((one) => ({ id: one.id, name: one.job.name })),
      defaultImage: null,
      script: job.script,
    });
    return toWire(spec, {
      token,
      project: { id: 1, name: 'app' },
      git: {
        url: repository.url(token),
        beforeSha: '0'.repeat(40),
        refspecs: [`+refs/heads/${repository.ref}:refs/remotes/origin/${repository.ref}`],
        depth: 20,
        isProtected: false,
        fetch: true,
      },
      cacheKeys: [],
      place: null,
      archive: () => ({ fileName: 'artifacts.zip', bytes: 1 }),
    });
  }

  const broker: JobBroker = {
    async register() {
      const token = `glrtr-${randomBytes(10).toString('hex')}`;
      runners.add(hashToken(token));
      return { kind: 'registered', id: runners.size, token, tokenExpiresAt: null };
    },
    verify: async (hash) => (runners.has(hash) ? { id: 1, tokenExpiresAt: null } : null),
    unregister: async (hash) => runners.delete(hash),
    unregisterMachine: async (hash) => (runners.has(hash) ? 'removed' : 'no-runner'),
    async resetToken(hash) {
      if (!runners.delete(hash)) return null;
      const token = `glrt-${randomBytes(10).toString('hex')}`;
      runners.add(hashToken(token));
      return { token, tokenExpiresAt: null };
    },
    places: async (hash) => (runners.has(hash) ? { held: [], askAgainMs: 15_000 } : null),
    async takeJob(hash, { info }) {
      if (!runners.has(hash)) return { kind: 'no-runner' };
      const next = queue.shift();
      if (next === undefined) return { kind: 'none', lastUpdate: String(version) };
      const handed: HandedOut = {
        ...next,
        id: jobs.length + 1,
        token: `glcbt-${randomBytes(10).toString('hex')}`,
        status: info.features?.two_phase_job_commit === true ? 'pending' : 'running',
        ending: null,
        bytes: 0,
        crc: 0,
        restarted: false,
        artifacts: new Map(),
        isGraceful: info.features?.cancel_gracefully === true,
      };
      jobs.push(handed);
      if (handed.status === 'running') started(handed);
      return { kind: 'job', job: wire(handed) };
    },
    async waitForJob(hash, machine, _lastUpdate, signal) {
      for (;;) {
        const taken = await broker.takeJob(hash, machine);
        if (taken.kind !== 'none' || signal.aborted) return taken;
        await once(changed, 'change', { signal }).catch(() => undefined);
      }
    },
    async begin({ id }) {
      const job = found(id);
      if (job.status !== 'pending') return false;
      job.status = 'running';
      started(job);
      return true;
    },
    job: async (id) => (jobs[id - 1] === undefined ? null : record(found(id))),
    async jobWithToken(hash) {
      const job = jobs.find(({ token }) => hashToken(token) === hash);
      return job === undefined ? null : record(job);
    },
    mayFetchFrom: async (_job, other) => jobs[other - 1] !== undefined,
    async appendTrace(id, start, bytes) {
      const job = found(id);
      if (start !== job.bytes) return { kind: 'elsewhere', bytes: job.bytes };
      job.bytes += bytes.length;
      job.crc = crc32(bytes, job.crc);
      await appendFile(tracePath(id), bytes);
      return { kind: 'appended', bytes: job.bytes };
    },
    trace: async (id) => ({ bytes: found(id).bytes, crc32: found(id).crc }),
    async restartTrace(id) {
      const job = found(id);
      if (job.restarted) return false;
      await truncate(tracePath(id));
      Object.assign(job, { restarted: true, bytes: 0, crc: 0 });
      return true;
    },
    keepAlive: () => Promise.resolve(),
    async finish(id, ending) {
      const job = found(id);
      job.ending = ending;
      const wasCanceled = job.status === 'canceling';
      job.status = wasCanceled ? 'canceled' : ending.status;
      const reason = FAILURE_REASONS.find((known) => known === ending.reason) ?? 'unknown_failure';
      happen({
        type: 'job-finished',
        job: job.job.name,
        attempt: job.attempt,
        outcome: wasCanceled
          ? { status: 'canceled' }
          : ending.status === 'success'
            ? { status: 'success' }
            : { status: 'failed', reason, exitCode: ending.exitCode },
      });
      return 'finished';
    },
    async putArtifact(id, artifact, content) {
      await mkdir(folder, { recursive: true });
      const path = artifactPath(id, artifact.type);
      await pipeline(content, createWriteStream(`${path}.part`));
      await rename(`${path}.part`, path);
      found(id).artifacts.set(artifact.type, artifact);
    },
    async archive(id) {
      const kept = found(id).artifacts.get('archive');
      if (kept === undefined) return null;
      const path = artifactPath(id, 'archive');
      const { size } = await stat(path);
      return {
        fileName: kept.fileName,
        bytes: size,
        open: (start, end) => createReadStream(path, { start, end: Math.max(start, end - 1) }),
      };
    },
  };
  return {
    broker,
    handedOut: (): readonly HandedOut[] => jobs,
    happen,
    status: () => pipelineStatus(state),
    traceOf: (id: number) => readFile(tracePath(id), 'utf8'),
    artifactOf: (id: number, type: string) => readFile(artifactPath(id, type)),
    /** Settles when `is` holds; asked at every change. */
    async until(is: () => boolean): Promise<void> {
      while (!is()) await once(changed, 'change');
    },
  };
}
