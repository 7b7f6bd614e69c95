import type { LeasedEntry } from '../store/index.ts';
import { createAbandonedUploads } from './housekeeping/abandoned-uploads.ts';
import { BLOBS_TOPIC, carryOutBlobRemoval } from './housekeeping/blob-removal.ts';
import { DELETIONS_TOPIC } from './housekeeping/deletion.ts';
import { createArtifactExpiry } from './housekeeping/expire-artifacts.ts';
import { createStuckJobs } from './housekeeping/stuck-jobs.ts';
import { MERGE_REQUESTS_TOPIC } from './merge-requests/merge-request-orders.ts';
import { createReportReader, REPORTS_TOPIC } from './reports/report-effects.ts';
import { SCHEDULES_TOPIC } from './schedules/schedule-orders.ts';
import { createScheduledPipelines } from './schedules/scheduled-pipelines.ts';
import { createScheduler } from './schedules/scheduler.ts';
import type { ServerParts } from './server-parts.ts';
import { startOutboxWorker } from './work/outbox-worker.ts';
import { repeatedly } from './work/repeatedly.ts';

export interface BackgroundWorkParts extends ServerParts {
  /** Of a job's test reports, unpacked. */
  readonly testReportBytes: number;
  /** A job that no runner could take for so long is given up. */
  readonly stuckMs: number;
  readonly remark: (message: string, about: Readonly<Record<string, unknown>>) => void;
  readonly failed: (what: string, error: unknown, entry?: LeasedEntry) => void;
}

/** Starts what a server does by itself beside moving pipelines, until it is closed. */
export function startBackgroundWork(parts: BackgroundWorkParts): AsyncDisposable {
  const { store, outbox, clock, failed } = parts;
  const running = new AsyncDisposableStack();
  const work = (topic: string, what: string, carryOut: (entry: LeasedEntry) => Promise<void>) =>
    running.use(
      startOutboxWorker({
        ...{ store, outbox, clock, topic, carryOut },
        failed: (error, entry) => failed(what, error, entry),
      }),
    );

  const reports = createReportReader({ ...parts, maxBytes: parts.testReportBytes });
  work(REPORTS_TOPIC, 'A report could not be read', reports.carryOut);
  work(SCHEDULES_TOPIC, 'A scheduled pipeline failed', createScheduledPipelines(parts).carryOut);
  work(MERGE_REQUESTS_TOPIC, 'A pipeline of a merge request failed', parts.mergeRequests.carryOut);
  work(DELETIONS_TOPIC, 'A project could not be deleted', parts.deletion.carryOut);
  work(BLOBS_TOPIC, 'Files could not be removed', (entry) => carryOutBlobRemoval(parts.blobs, entry));

  const again = (everyMs: number, what: string, look: () => Promise<void>) =>
    running.use(repeatedly(clock, everyMs, look, (error) => failed(what, error)));
  again(2_000, 'Looking at schedules failed', createScheduler(parts).look);
  again(60_000, 'Looking for artifacts whose time is over failed', createArtifactExpiry(parts).look);
  again(60_000, 'Looking for stuck jobs failed', createStuckJobs(parts).look);
  again(600_000, 'Looking for uploads that were cut off failed', createAbandonedUploads(parts).look);
  return running;
}
