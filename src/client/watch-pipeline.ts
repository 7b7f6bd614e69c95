import type { Clock } from '../base/clock.ts';
import type { RunEvent, RunListener } from '../local/index.ts';
import {
  FAILURE_REASONS,
  isCompleted,
  JOB_STATUSES,
  type JobStatus,
  type PipelineStatus,
} from '../pipeline/index.ts';
import {
  type RestBridge,
  type RestJob,
  type RestPipelineDetails,
  readTimedLog,
  restSchemas,
} from '../protocol/index.ts';
import { createSlots } from './few-at-once.ts';
import { createQueues } from './in-order.ts';
import { followJobLog, pause } from './job-log.ts';
import type { ServerClient } from './server-client.ts';

export interface WatchOptions {
  readonly client: ServerClient;
  readonly clock: Clock;
  readonly projectId: number;
  readonly pipelineId: number;
  /** Also the logs of jobs that were over before. */
  readonly fromStart: boolean;
  /** Told the same events as of a local run. */
  readonly listener: RunListener;
  /** Watches no longer; the pipeline goes on. */
  readonly signal: AbortSignal;
}

/**
 * Tells of a pipeline on a server as it goes, with its jobs' logs and its downstream pipelines, until it is over or waits
 * for a person. Answers with its status then.
 */
export async function watchPipeline(options: WatchOptions): Promise<PipelineStatus> {
  const schemas = await restSchemas();
  const logs = createSlots(MOST_LOGS);
  const { client, clock, listener } = options;

  async function watch(
    at: { readonly projectId: number; readonly pipelineId: number },
    within: readonly string[],
    signal: AbortSignal,
    fromStart: boolean,
  ): Promise<PipelineStatus> {
    const path = `/projects/${at.projectId}/pipelines/${at.pipelineId}`;
    const queues = createQueues();
    const seen = new Map<string, Seen>();
    const children = new Map<number, Child>();
    const ending = new AbortController();
    const below = AbortSignal.any([signal, ending.signal]);
    let isFirst = true;

    async function look(): Promise<void> {
      const [jobs, bridges] = await Promise.all([
        all(client.list(`${path}/jobs`, schemas.RestJob, { sort: 'asc' })),
        all(client.list(`${path}/bridges`, schemas.RestBridge, { sort: 'asc' })),
      ]);
      const found: readonly Found[] = [
        ...jobs.map((job) => ({ kind: 'build', job }) as const),
        ...bridges.map((job) => ({ kind: 'bridge', job }) as const),
      ].sort((one, other) => one.job.id - other.job.id);
      if (isFirst) await listener(startedEvent(await pipeline(), found, within));
      for (const one of found) note(one);
      isFirst = false;
    }

    function note(found: Found): void {
      const { job } = found;
      const status = statusOf(job.status);
      const before = seen.get(job.name);
      if (before?.id === job.id && before.status === status) return;
      const wasLogged = before?.id === job.id && before.isLogged;
      const isOld = isFirst && !fromStart && isCompleted(status);
      const hasLog = found.kind === 'build' && job.started_at !== null;
      const isLogged = wasLogged || hasLog;
      seen.set(job.name, { id: job.id, status, isLogged });
      const tell = (told: JobStatus) => listener(statusEvent(job, told, within));
      if (hasLog && !wasLogged && !isOld) {
        if (status !== 'canceling') queues.add(job.name, () => tell('running'));
        queues.add(job.name, () => log(job));
      }
      if (status !== 'running' || !hasLog) queues.add(job.name, () => tell(status));
      if (found.kind === 'bridge' && found.job.downstream_pipeline !== null) {
        const { id, project_id: projectId } = found.job.downstream_pipeline;
        if (children.has(id)) return;
        const stop = new AbortController();
        const child = { projectId, pipelineId: id };
        const path = [...within, job.name];
        const ended = watch(child, path, AbortSignal.any([below, stop.signal]), fromStart);
        children.set(id, { ...child, path, stop, ended: ended.catch(() => unseen(path)) });
      }
    }

    /** Those that are over are shown to their end; those that nobody waits for are left alone. */
    async function endChildren(): Promise<void> {
      for (const { projectId, pipelineId, path, stop, ended } of children.values()) {
        const child = await client
          .get(`/projects/${projectId}/pipelines/${pipelineId}`, schemas.RestPipelineDetails)
          .catch(() => null);
        if (child !== null && !isCompleted(statusOf(child.status))) {
          stop.abort();
          const message = `The pipeline of ${path.join(' / ')} goes on: ${child.web_url}`;
          await listener({ type: 'notice', level: 'info', message, within });
        }
        await ended;
      }
    }

    function log(job: RestJob | RestBridge): Promise<void> {
      return logs.use(async () => {
        const of = { projectId: at.projectId, id: job.id };
        const plain = readTimedLog();
        const show = async (bytes: Uint8Array) => {
          if (bytes.length > 0) await listener({ type: 'job-log', within, job: job.name, bytes });
        };
        for await (const bytes of followJobLog(client, clock, of, below)) await show(plain.take(bytes));
        await show(plain.end());
      });
    }

    async function unseen(path: readonly string[]): Promise<void> {
      if (below.aborted) return;
      const message = `The pipeline that ${path.join(' / ')} has started cannot be seen with this token.`;
      await listener({ type: 'notice', level: 'warning', message, within });
    }

    function pipeline(): Promise<RestPipelineDetails> {
      return client.get(path, schemas.RestPipelineDetails);
    }

    try {
      let lastChange = '';
      let tookMs = 0;
      for (let round = 0; ; round += 1) {
        const now = await pipeline();
        // What changes within one millisecond is seen a little later.
        if (now.updated_at !== lastChange || round % LOOK_ANYWAY === 0) {
          const before = clock.elapsed();
          await look();
          tookMs = clock.elapsed() - before;
        }
        lastChange = now.updated_at;
        const status = statusOf(now.status);
        if (isCompleted(status) || status === 'manual') {
          await look();
          await queues.settled();
          await endChildren();
          await listener({ type: 'pipeline-finished', within, status, seconds: secondsOf(now) });
          return status;
        }
        // Thousands of jobs are looked at less often: nobody who watches is to keep the server busy.
        await pause(clock, Math.max(LOOK_EVERY_MS, 4 * tookMs), signal);
        if (signal.aborted) return status;
      }
    } finally {
      ending.abort();
      await queues.settled().catch(() => undefined);
    }
  }

  return watch(options, [], options.signal, options.fromStart);
}

const LOOK_EVERY_MS = 300;
const LOOK_ANYWAY = 10;
/** As many connections as one person may take from a server. */
const MOST_LOGS = 20;

interface Child {
  readonly projectId: number;
  readonly pipelineId: number;
  /** The bridges that lead to it. */
  readonly path: readonly string[];
  readonly stop: AbortController;
  readonly ended: Promise<unknown>;
}

interface Seen {
  readonly id: number;
  readonly status: JobStatus;
  readonly isLogged: boolean;
}

type Found =
  | { readonly kind: 'build'; readonly job: RestJob }
  | { readonly kind: 'bridge'; readonly job: RestBridge };

async function all<T>(entries: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = [];
  for await (const entry of entries) list.push(entry);
  return list;
}

/** A word that this program does not know is of a newer server, and nothing that is over. */
function statusOf(word: string): JobStatus {
  return JOB_STATUSES.find((status) => status === word) ?? 'preparing';
}

function startedEvent(
  { name, ref, sha }: RestPipelineDetails,
  found: readonly Found[],
  within: readonly string[],
): RunEvent {
  return {
    ...{ type: 'pipeline-started', within, name, ref, sha },
    stages: [...new Set(found.map(({ job }) => job.stage))],
    jobs: found.map(({ kind, job }) => ({ name: job.name, stage: job.stage, kind })),
  };
}

function statusEvent(job: RestJob | RestBridge, status: JobStatus, within: readonly string[]): RunEvent {
  const reason = FAILURE_REASONS.find((known) => known === job.failure_reason) ?? 'unknown_failure';
  const failure = {
    reason,
    exitCode: job.exit_code,
    message: '',
    allowed: job.allow_failure,
    willRetry: false,
  };
  return {
    ...{ type: 'job-status', within, job: job.name, attempt: job.attempt, status },
    failure: status === 'failed' ? failure : null,
    seconds: job.started_at === null ? null : job.duration,
  };
}

/** `duration` is in whole seconds, as GitLab has it. */
function secondsOf({
  started_at: startedAt,
  finished_at: finishedAt,
  duration,
}: Pick<RestPipelineDetails, 'started_at' | 'finished_at' | 'duration'>): number {
  if (startedAt === null || finishedAt === null) return duration ?? 0;
  return (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
}
