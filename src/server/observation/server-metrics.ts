import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '../../base/clock.ts';
import { type Command, isCompleted } from '../../pipeline/index.ts';
import { type Blobs, jobById, type Store, sampleWork, type WorkSample } from '../../store/index.ts';
import { runningGitProcesses } from '../git/index.ts';
import { createMetrics } from './metrics.ts';

/** What a server counts of itself. Its labels have few values: never a name that a person chose. */
export interface ServerMetrics extends Disposable {
  answered(request: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly seconds: number;
  }): void;
  committed(writes: number, milliseconds: number): void;
  changed(commands: readonly Command[]): void;
  jobEnded(jobId: number): void;
  /** The same blobs; what goes through them is counted. */
  counting(blobs: Blobs): Blobs;
  /** All figures now, in the text of Prometheus. */
  text(): Promise<string>;
}

export interface ServerMetricsParts {
  readonly store: () => Store;
  readonly clock: Clock;
  readonly failed: (error: unknown) => void;
}

export function createServerMetrics({ store, clock, failed }: ServerMetricsParts): ServerMetrics {
  const metrics = createMetrics();
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const requests = metrics.histogram(
    'slipway_http_request_duration_seconds',
    'Requests by method, template of their route, and status, from the head to the last byte.',
    [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    ['method', 'route', 'status'],
  );
  const jobs = metrics.counter('slipway_job_changes_total', 'Jobs that got a status.', ['status']);
  const pipelines = metrics.counter('slipway_pipelines_total', 'Pipelines that ended, by how.', ['status']);
  const queued = metrics.histogram(
    'slipway_job_queue_seconds',
    'How long jobs that ended had waited for a runner.',
    QUEUE_SECONDS,
  );
  const durations = metrics.histogram(
    'slipway_job_duration_seconds',
    'How long jobs that ended had run.',
    JOB_SECONDS,
    ['status'],
  );
  const groups = metrics.histogram(
    'slipway_database_commit_writes',
    'Writes that shared a commit.',
    [1, 2, 5, 10, 50, 200, 500],
  );
  const commits = metrics.histogram(
    'slipway_database_commit_seconds',
    'How long commits took, until they were on the disk.',
    [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
  );
  const traces = metrics.counter('slipway_trace_bytes_total', 'Bytes of logs that were taken.');
  const blobBytes = metrics.counter(
    'slipway_blob_bytes_total',
    'Bytes of artifacts and other blobs that were taken.',
  );
  const sampled = createSampled(metrics);

  async function noteJob(jobId: number): Promise<void> {
    const row = await store().read((db) => jobById(db, jobId));
    if (row === null || row.started_at === null) return;
    if (row.queued_at !== null) queued.observe(Math.max(0, row.started_at - row.queued_at) / 1000);
    durations.observe(Math.max(0, (row.finished_at ?? clock.now()) - row.started_at) / 1000, row.status);
  }

  return {
    answered: ({ method, route, status, seconds }) =>
      requests.observe(seconds, method, route, String(status)),
    committed(writes, milliseconds) {
      groups.observe(writes);
      commits.observe(milliseconds / 1000);
    },
    changed(commands) {
      for (const command of commands) {
        if (command.type === 'job-status-changed') jobs.add(1, command.to);
        if (command.type === 'pipeline-status-changed' && isCompleted(command.to))
          pipelines.add(1, command.to);
      }
    },
    jobEnded: (jobId) => void noteJob(jobId).catch(failed),
    counting: (blobs) => ({
      ...blobs,
      async put(key, content, limits) {
        const stored = await blobs.put(key, content, limits);
        blobBytes.add(stored.size);
        return stored;
      },
      traces: {
        ...blobs.traces,
        async append(key, offset, bytes) {
          const size = await blobs.traces.append(key, offset, bytes);
          if (size === offset + bytes.length) traces.add(bytes.length);
          return size;
        },
      },
      [Symbol.asyncDispose]: () => blobs[Symbol.asyncDispose](),
    }),
    async text() {
      sampled.process(delay);
      sampled.work(await store().read((db) => sampleWork(db, clock.now())));
      return metrics.text();
    },
    [Symbol.dispose]: () => void delay.disable(),
  };
}

const QUEUE_SECONDS = [0.1, 0.25, 1, 5, 30, 120, 600, 3600];
const JOB_SECONDS = [0.5, 2, 10, 30, 60, 300, 900, 3600, 14_400];

/** Figures that are looked up when somebody asks. */
function createSampled(metrics: ReturnType<typeof createMetrics>) {
  const waiting = metrics.gauge(
    'slipway_jobs_queued',
    'Jobs that wait for a runner, by what they ask of it.',
    LANE,
  );
  const running = metrics.gauge(
    'slipway_jobs_running',
    'Jobs that runners have, by what they asked of it.',
    LANE,
  );
  const oldest = metrics.gauge(
    'slipway_oldest_queued_job_seconds',
    'How long the job waits that waits the longest.',
  );
  const outbox = metrics.gauge('slipway_outbox_entries', 'What is still to be carried out.', ['topic']);
  const lag = metrics.gauge('slipway_outbox_lag_seconds', 'Age of the oldest that could be carried out.', [
    'topic',
  ]);
  const timers = metrics.gauge(
    'slipway_timers_overdue',
    'Timers whose time has come and that have not gone off.',
  );
  const git = metrics.gauge('slipway_git_processes', 'Processes of git that serve somebody.');
  const loop = metrics.gauge(
    'slipway_event_loop_delay_seconds',
    'Delay of the event loop since the last time.',
    ['quantile'],
  );
  const memory = metrics.gauge('process_resident_memory_bytes', 'Memory of this process.');
  const heap = metrics.gauge('nodejs_heap_size_used_bytes', 'Of that, what its JavaScript uses.');
  const cpu = metrics.gauge('process_cpu_seconds_total', 'Processor time of this process.');
  const start = metrics.gauge('process_start_time_seconds', 'When this process began, since 1970.');

  return {
    process(delay: ReturnType<typeof monitorEventLoopDelay>): void {
      const { rss, heapUsed } = process.memoryUsage();
      const { user, system } = process.cpuUsage();
      memory.set(rss);
      heap.set(heapUsed);
      cpu.set((user + system) / 1e6);
      start.set(performance.timeOrigin / 1000);
      git.set(runningGitProcesses());
      for (const quantile of [50, 99, 100])
        loop.set(delay.percentile(quantile) / 1e9, String(quantile / 100));
      delay.reset();
    },
    work(sample: WorkSample): void {
      for (const gauge of [waiting, running, outbox, lag]) gauge.clear();
      for (const { kind, tagged, isProtected, count } of sample.jobs) {
        const gauge = kind === 'waiting' ? waiting : running;
        gauge.set(count, tagged ? 'yes' : 'no', isProtected ? 'yes' : 'no');
      }
      oldest.set(sample.oldestWaitingSeconds);
      timers.set(sample.overdueTimers);
      for (const { topic, count, lagSeconds } of sample.outbox) {
        outbox.set(count, topic);
        lag.set(lagSeconds, topic);
      }
    },
  };
}

const LANE = ['tagged', 'protected'];
