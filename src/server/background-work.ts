import type { LeasedEntry } from '../store/index.ts';
import { createAbandonedUploads } from './housekeeping/abandoned-uploads.ts';
import { BLOB_REMOVALS, carryOutBlobRemoval } from './housekeeping/blob-removal.ts';
import { DELETIONS } from './housekeeping/deletion.ts';
import { createArtifactExpiry } from './housekeeping/expire-artifacts.ts';
import { createStuckJobs } from './housekeeping/stuck-jobs.ts';
import { MERGE_REQUEST_ORDERS } from './merge-requests/merge-request-orders.ts';
import { createReportReader, LEFT_REPORTS } from './reports/report-effects.ts';
import { SCHEDULE_ORDERS } from './schedules/schedule-orders.ts';
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
  const work = (
    { name: topic }: { readonly name: string },
    what: string,
    carryOut: (entry: LeasedEntry) => Promise<void>,
  ) =>
    running.use(
      startOutboxWorker({
        ...{ store, outbox, clock, topic, carryOut },
        failed: (error, entry) => failed(what, error, entry),
      }),
    );

  const reports = createReportReader({ ...parts, maxBytes: parts.testReportBytes });
  work(LEFT_REPORTS, 'A report could not be read', reports.carryOut);
  work(SCHEDULE_ORDERS, 'A scheduled pipeline failed', createScheduledPipelines(parts).carryOut);
  work(MERGE_REQUEST_ORDERS, 'A pipeline of a merge request failed', parts.mergeRequests.carryOut);
  work(DELETIONS, 'A project could not be deleted', parts.deletion.carryOut);
  work(BLOB_REMOVALS, 'Files could not be removed', (entry) => carryOutBlobRemoval(parts.blobs, entry));

  const again = (everyMs: number, what: string, look: () => Promise<void>) =>
    running.use(repeatedly(clock, everyMs, look, (error) => failed(what, error)));
  again(2_000, 'Looking at schedules failed', createScheduler(parts).look);
  again(60_000, 'Looking for artifacts whose time is over failed', createArtifactExpiry(parts).look);
  again(60_000, 'Looking for stuck jobs failed', createStuckJobs(parts).look);
  again(600_000, 'Looking for uploads that were cut off failed', createAbandonedUploads(parts).look);
  return running;
}
