import type { LeasedEntry } from '../store/index.ts';
import { MERGE_REQUESTS_TOPIC } from './merge-requests/merge-request-orders.ts';
import { createMergeRequestPipelines } from './merge-requests/merge-request-pipelines.ts';
import { createRemoval, REMOVAL_TOPIC } from './removal/removal.ts';
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
  work(REMOVAL_TOPIC, 'What was removed has left something behind', createRemoval(parts).carryOut);
  work(SCHEDULES_TOPIC, 'A scheduled pipeline failed', createScheduledPipelines(parts).carryOut);
  work(
    MERGE_REQUESTS_TOPIC,
    'A pipeline of a merge request failed',
    createMergeRequestPipelines(parts).carryOut,
  );
  running.use(
    repeatedly(clock, SCHEDULES_EVERY_MS, createScheduler(parts).look, (error) =>
      failed('Looking at schedules failed', error),
    ),
  );
  return running;
}

const SCHEDULES_EVERY_MS = 2000;
