import { once } from 'node:events';
import type { Clock } from '../../base/clock.ts';
import { together } from '../../base/together.ts';
import { JOB_STATUSES } from '../../pipeline/index.ts';
import { SLIPWAY_PLACE } from '../../protocol/index.ts';
import {
  artifactsOf,
  type Blobs,
  createRunner,
  type JobRow,
  jobById,
  jobByToken,
  jobsByIds,
  noteTraceRestart,
  type Outbox,
  type PipelineStore,
  type Queue,
  type Runner,
  type RunnerProfile,
  removeManager,
  removeRunner,
  replaceRunnerToken,
  type Store,
  tokenByHash,
  touchJobs,
} from '../../store/index.ts';
import { createDeadProcesses } from '../pipelines/dead-processes.ts';
import type { JobDescriber } from '../pipelines/describe-job.ts';
import type { Places } from '../places/places.ts';
import type { JobBroker, JobRecord, Machine, RunnerEnding, TakenJob } from '../runner-api/ports.ts';
import { hashToken } from '../runner-api/token-hash.ts';
import { createJobFinisher } from './finish-jobs.ts';
import { createHeardJobs } from './heard-jobs.ts';
import { createHeldPlaces } from './held-places.ts';
import { createKnownRunners, versionOf } from './known-runners.ts';
import { newToken } from './new-token.ts';
import { readFrom } from './read-from.ts';
import { createRunnerMachines, featureNames } from './runner-machines.ts';
import { storeArtifact } from './store-artifact.ts';
import { createTraceMarks, traceKey } from './trace-marks.ts';

export interface BrokerParts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly pipelines: PipelineStore;
  readonly queue: Queue;
  readonly outbox: Outbox;
  readonly describer: JobDescriber;
  readonly places: Places;
  readonly clock: Clock;
  readonly limits: BrokerLimits;
  /** A job's result has been written. */
  readonly ended?: (jobId: number) => void;
  /** Told when what a runner says and what is kept do not go together. */
  readonly remark: (message: string, about: Readonly<Record<string, unknown>>) => void;
}

export interface BrokerLimits {
  readonly traceBytes: number;
  readonly artifactBytes: number;
  /** After so long without a word a runner is taken for lost; what is heard of it is written down far sooner. */
  readonly silentRunnerMs: number;
}

/** The runner protocol's questions answered from the store: what runs here is what the queue hands out. */
export function createJobBroker(parts: BrokerParts): JobBroker & Disposable {
  const { store, blobs, pipelines, queue, outbox, describer, places, clock, limits } = parts;
  const runners = createKnownRunners(store, clock);
  const machines = createRunnerMachines(store, clock);
  const marks = createTraceMarks(blobs.traces);
  const heard = createHeardJobs(store, clock, Math.min(10_000, limits.silentRunnerMs / 30));

  const finishJob = createJobFinisher(parts);
  /** Each message about a job asks for its row, and many come at the same time. */
  const rowOf = together(async (ids: readonly number[]) => {
    const rows = await store.read((db) => jobsByIds(db, ids));
    return ids.map((id) => rows.get(id) ?? null);
  }, ROWS_AT_ONCE);
  const held = createHeldPlaces({
    ...{ store, places, clock, deadProcesses: createDeadProcesses(parts) },
    silentMs: limits.silentRunnerMs,
  });

  async function takeJob(hash: string, machine: Machine, placedOnly = false): Promise<TakenJob> {
    const runner = await runners.find(hash);
    if (runner === null) return { kind: 'no-runner' };
    await machines.seen(runner, machine);
    const lastUpdate = updateKey(queue.key(), runner);
    if (runner.paused) return { kind: 'none', lastUpdate };
    for (;;) {
      const token = newToken('glcbt');
      const taken = await queue.take({
        ...profileOf(runner, machine, placedOnly),
        runnerId: runner.id,
        systemId: machine.systemId === '' ? null : machine.systemId,
        shared: runner.kind === 'instance_type' || runner.projects.length > 1,
        tokenHash: hashToken(token),
        confirms: machine.info.features?.two_phase_job_commit === true,
      });
      if (taken === null) return { kind: 'none', lastUpdate };
      const described = await describer.describe(taken.id, token, runner);
      if (described.kind === 'described') return { kind: 'job', job: described.job };
      const bytes = Buffer.from(`ERROR: Job failed: ${described.message}\n`);
      await blobs.traces.append(traceKey(taken.id), 0, bytes);
      const outcome = { status: 'failed', reason: described.reason, exitCode: null } as const;
      await store.write(async (tx) => {
        await pipelines.applyIn(tx, taken.pipelineId, [
          { type: 'job-finished', job: taken.name, attempt: taken.attempt, outcome },
        ]);
        // Its runner never hears of it, nor of a place that began with it.
        const row = await jobById(tx.db, taken.id);
        if (row !== null) await places.givenBackIn(tx, row, false);
      });
      parts.ended?.(taken.id);
    }
  }

  async function finish(jobId: number, ending: RunnerEnding): Promise<'finished' | 'pending'> {
    const [mark, row] = await Promise.all([
      marks.mark(jobId),
      rowOf(jobId, null),
      blobs.traces.settle(traceKey(jobId)),
    ]);
    if (ending.traceProblem !== null) parts.remark(ending.traceProblem, { job: jobId });
    if (row !== null) await finishJob({ row, ending, mark, coverage: await coverageOf(row) });
    marks.forget(jobId);
    heard.forget(jobId);
    parts.ended?.(jobId);
    return 'finished';
  }

  /** The expression that finds a job's coverage in its log; null: it has none. */
  async function coverageOf(row: JobRow): Promise<string | null> {
    const plan = await pipelines.plan(row.pipeline_id);
    const job = plan?.jobs[row.position];
    return job?.kind === 'build' ? job.coverage : null;
  }

  function recordOf(row: JobRow | null): JobRecord | null {
    if (row === null || row.token_hash === null) return null;
    return {
      id: row.id,
      tokenHash: row.token_hash,
      status: JOB_STATUSES.find((status) => status === row.status) ?? 'failed',
      isOffered: row.status === 'pending' && row.offered_at !== null,
      traceIntervalSeconds: TRACE_INTERVAL_SECONDS,
      traceLimitBytes: limits.traceBytes,
      artifactLimitBytes: limits.artifactBytes,
    };
  }

  return {
    async register(registrationHash, runner) {
      const registration = await store.read((db) => tokenByHash(db, registrationHash, clock.now()));
      if (registration?.kind !== 'registration') return { kind: 'wrong-token' };
      const token = newToken('glrtr');
      const { id } = await store.write(({ db }) =>
        createRunner(db, {
          kind: registration.projectId === null ? 'instance_type' : 'project_type',
          description: (runner.description ?? '').slice(0, 1000),
          tags: tagsOf(runner.tag_list),
          runUntagged: runner.run_untagged ?? tagsOf(runner.tag_list).length === 0,
          protected: runner.access_level === 'ref_protected',
          locked: runner.locked ?? false,
          paused: runner.paused ?? false,
          maximumTimeoutSeconds: runner.maximum_timeout ?? null,
          projects: registration.projectId === null ? [] : [registration.projectId],
          tokenHash: hashToken(token),
          now: clock.now(),
        }),
      );
      return { kind: 'registered', id, token, tokenExpiresAt: null };
    },
    async verify(hash, machine) {
      const runner = await runners.find(hash);
      if (runner === null) return null;
      await machines.seen(runner, machine);
      return { id: runner.id, tokenExpiresAt: rfc3339(runner.tokenExpiresAt) };
    },
    async unregister(hash) {
      const runner = await runners.find(hash);
      return (
        runner !== null &&
        (await store.write(({ db, tell }) => {
          tell('runners');
          return removeRunner(db, runner.id);
        }))
      );
    },
    async unregisterMachine(hash, systemId) {
      const runner = await runners.find(hash);
      if (runner === null) return 'no-runner';
      const was = await store.write(({ db }) => removeManager(db, runner.id, systemId));
      return was ? 'removed' : 'no-machine';
    },
    async resetToken(hash) {
      const runner = await runners.find(hash);
      if (runner === null) return null;
      const token = newToken('glrt');
      await store.write(({ db, tell }) => {
        tell('runners');
        return replaceRunnerToken(db, runner.id, hashToken(token));
      });
      return { token, tokenExpiresAt: rfc3339(runner.tokenExpiresAt) };
    },

    async places(hash, machine, told) {
      const runner = await runners.find(hash);
      const process = machine.info.process ?? '';
      return runner === null
        ? null
        : held.ask({ runnerId: runner.id, systemId: machine.systemId, process }, told);
    },

    takeJob,
    async waitForJob(hash, machine, { lastUpdate, placedOnly = false }, signal) {
      const runner = await runners.find(hash);
      if (runner === null) return { kind: 'no-runner' };
      const [since = '', version] = lastUpdate.split('/');
      if (version !== versionOf(runner)) return takeJob(hash, machine, placedOnly);
      const taken = await runners.whileAsItIs({ hash, runner, signal }, (until) =>
        runner.paused
          ? aborted(until)
          : queue.serve(
              { profile: profileOf(runner, machine, placedOnly), since, signal: until },
              async () => {
                const got = await takeJob(hash, machine, placedOnly);
                return got.kind === 'none' ? null : got;
              },
            ),
      );
      return taken ?? { kind: 'none', lastUpdate: updateKey(queue.key(), runner) };
    },

    [Symbol.dispose]: () => runners[Symbol.dispose](),

    begin: ({ id, tokenHash }) => queue.begin(id, tokenHash),
    job: async (id) => recordOf(await rowOf(id, null)),
    jobWithToken: async (hash) => recordOf(await store.read((db) => jobByToken(db, hash))),
    async mayFetchFrom(job, otherId) {
      const [own, other] = await store.read((db) => Promise.all([jobById(db, job.id), jobById(db, otherId)]));
      if (own === null || other === null) return false;
      return own.project_id === other.project_id || describer.needsFromOutside(own.id, other);
    },

    async appendTrace(jobId, start, bytes) {
      const size = await blobs.traces.append(traceKey(jobId), start, bytes);
      heard.of(jobId);
      if (size !== start + bytes.length) return { kind: 'elsewhere', bytes: size };
      marks.appended(jobId, start, bytes);
      return { kind: 'appended', bytes: size };
    },
    trace: marks.mark,
    async restartTrace(jobId) {
      if (!(await store.write(({ db }) => noteTraceRestart(db, jobId, clock.now())))) return false;
      await blobs.traces.delete(traceKey(jobId));
      marks.forget(jobId);
      return true;
    },
    async keepAlive({ id, isOffered }) {
      // An offer lasts for seconds: this is written down at once.
      if (isOffered) await store.write(({ db }) => touchJobs(db, [id], clock.now()));
      else heard.of(id);
    },
    finish,

    putArtifact: (jobId, artifact, content) =>
      storeArtifact(
        { store, blobs, outbox, clock, maxBytes: limits.artifactBytes },
        jobId,
        artifact,
        content,
      ),
    async archive(jobId) {
      const [kept] = await store.read((db) =>
        artifactsOf(db, [jobId], { type: 'archive', now: clock.now() }),
      );
      if (kept === undefined) return null;
      return {
        fileName: kept.name,
        bytes: kept.size,
        open: (from, to) => readFrom(blobs, kept.blob, { from, to }),
      };
    },
  };
}

const ROWS_AT_ONCE = 100;
const TRACE_INTERVAL_SECONDS = 3;

function profileOf(runner: Runner, { info }: Machine, placedOnly: boolean): RunnerProfile {
  const { process = '' } = info;
  return {
    // Without tags, and for no untagged jobs either: no lane is left.
    tags: placedOnly ? [] : runner.tags,
    runUntagged: runner.runUntagged && !placedOnly,
    protected: runner.protected,
    features: featureNames(info.features).filter((name) => process !== '' || name !== SLIPWAY_PLACE),
    projects: runner.kind === 'instance_type' ? null : runner.projects,
    ...(process === '' ? {} : { holder: { runnerId: runner.id, process } }),
  };
}

/** Changes with the queue, and with what the runner may take. */
function updateKey(queueKey: string, runner: Runner): string {
  return `${queueKey}/${versionOf(runner)}`;
}

async function aborted(signal: AbortSignal): Promise<null> {
  if (!signal.aborted) await once(signal, 'abort');
  return null;
}

function tagsOf(list: string | undefined): readonly string[] {
  const tags = (list ?? '').split(',').flatMap((tag) => (tag.trim() === '' ? [] : tag.trim()));
  return [...new Set(tags)].slice(0, 50);
}

function rfc3339(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
