import type { Clock } from '../../base/clock.ts';
import { readTimedLog } from '../../protocol/index.ts';
import { OTHER_TEST_REPORTS, scanCoverage } from '../../runner/index.ts';
import {
  addTestReport,
  addTestResults,
  artifactsOf,
  type Blobs,
  forgetTestReport,
  type JobRow,
  jobById,
  type OutboxEntry,
  pipelineById,
  type Store,
  workKind,
} from '../../store/index.ts';
import { traceKey } from '../broker/trace-marks.ts';
import { type CollectedTests, collectTests, type TestReportType } from './collect-tests.ts';
import { type CoverageFormat, readCoverageReport } from './coverage-report.ts';
import { jobFamily } from './job-family.ts';
import { type KeptReport, openReport, UnreadableReport } from './report-files.ts';

/** Something a job has left: its test report, a coverage report, or a log in which its coverage stands. */
export type LeftReport =
  | ({ readonly kind: TestReportType; readonly jobId: number } & KeptReport)
  | ({ readonly kind: CoverageFormat; readonly jobId: number } & KeptReport)
  | { readonly kind: 'log'; readonly jobId: number; readonly pattern: string };

/** What jobs have left to be read. */
export const LEFT_REPORTS = workKind<LeftReport>('reports');

/** What is to be read of an artifact that a job has sent; null: nothing. */
export function reportEntry(
  jobId: number,
  { type, format, blob }: { readonly type: string } & KeptReport,
): OutboxEntry | null {
  const kind = READ.find((read) => read === type);
  return kind === undefined ? null : entryFor({ kind, jobId, blob, format });
}

const TESTS: readonly TestReportType[] = ['junit', ...OTHER_TEST_REPORTS];
const COVERAGE: readonly CoverageFormat[] = ['cobertura', 'jacoco'];
const READ = [...TESTS, ...COVERAGE];

/** `pattern`: of the job's `coverage`. */
export function logEntry(jobId: number, pattern: string): OutboxEntry {
  return entryFor({ kind: 'log', jobId, pattern });
}

function entryFor(body: LeftReport): OutboxEntry {
  return { topic: LEFT_REPORTS.name, key: `job ${body.jobId}`, body: LEFT_REPORTS.write(body) };
}

export interface ReportReaderParts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly clock: Clock;
  /** Of a job's test reports, unpacked. */
  readonly maxBytes: number;
  readonly remark: (message: string, about: Readonly<Record<string, unknown>>) => void;
}

/** Reads what jobs have left into the database; every report may be read twice. */
export function createReportReader(parts: ReportReaderParts): {
  carryOut(entry: { readonly body: string }): Promise<void>;
} {
  const { store, blobs, clock, remark } = parts;

  /** All that the job has sent so far, in whichever formats: together they are its report. */
  async function readTests(job: JobRow): Promise<void> {
    const [pipeline, artifacts] = await store.read(async (db) => [
      await pipelineById(db, job.pipeline_id),
      await artifactsOf(db, [job.id], { now: clock.now() }),
    ]);
    if (pipeline === null) return;
    const reported = { jobId: job.id, projectId: job.project_id, pipelineId: job.pipeline_id };
    await store.write(({ db }) => forgetTestReport(db, job.id));
    let collected: CollectedTests | null = null;
    for (const type of TESTS) {
      for (const kept of artifacts.filter((artifact) => artifact.type === type)) {
        const content = await openReport(blobs, kept, parts.maxBytes);
        if (content === null) continue;
        const found = await collectTests(content, {
          type,
          job: jobFamily(job.name).slice(0, MAX_JOB_NAME),
          keep: (results) => store.write(({ db }) => addTestResults(db, reported, results, clock.now())),
        });
        if (found.problem !== null) remark(`A test report cannot be read: ${found.problem}`, { job: job.id });
        collected = collected === null ? found : together(collected, found);
      }
    }
    if (collected === null) return;
    const report = { ...reported, ...collected, ref: pipeline.ref, sha: pipeline.sha, now: clock.now() };
    await store.write(({ db }) => addTestReport(db, report));
  }

  async function readCoverage(job: JobRow, kept: KeptReport, format: CoverageFormat): Promise<void> {
    try {
      const content = await openReport(blobs, kept, MAX_COVERAGE_BYTES);
      const percent = content === null ? null : await readCoverageReport(content, format);
      // What the job's own `coverage` finds in its log counts for more.
      if (percent !== null) await keepCoverage(job.id, percent, { over: false });
    } catch (error) {
      if (!(error instanceof UnreadableReport)) throw error;
      remark(`A coverage report cannot be read: ${error.message}`, { job: job.id });
    }
  }

  async function readLog(job: JobRow, pattern: string): Promise<void> {
    const scan = scanCoverage(NOWHERE, pattern);
    const plain = readTimedLog();
    for await (const chunk of blobs.traces.read(traceKey(job.id))) await scan.sink.write(plain.take(chunk));
    await scan.sink.write(plain.end());
    const percent = scan.result();
    if (percent !== null) await keepCoverage(job.id, percent, { over: true });
  }

  async function keepCoverage(
    jobId: number,
    percent: number,
    { over }: { readonly over: boolean },
  ): Promise<void> {
    const coverage = String(Math.round(Math.min(percent, MAX_PERCENT) * 100) / 100);
    await store.write(async ({ db }) => {
      const query = db.updateTable('jobs').set({ coverage }).where('id', '=', jobId);
      await (over ? query : query.where('coverage', 'is', null)).execute();
    });
  }

  return {
    async carryOut({ body }) {
      const left = LEFT_REPORTS.read(body);
      const job = await store.read((db) => jobById(db, left.jobId));
      if (job === null) return;
      if (left.kind === 'log') return readLog(job, left.pattern);
      if (left.kind === 'cobertura' || left.kind === 'jacoco') return readCoverage(job, left, left.kind);
      return readTests(job);
    },
  };
}

function together(one: CollectedTests, other: CollectedTests): CollectedTests {
  return {
    total: one.total + other.total,
    failed: one.failed + other.failed,
    errored: one.errored + other.errored,
    skipped: one.skipped + other.skipped,
    milliseconds: one.milliseconds + other.milliseconds,
    problem: one.problem ?? other.problem,
    flaky: [...new Set([...one.flaky, ...other.flaky])],
  };
}

const MAX_COVERAGE_BYTES = 512 * 1024 * 1024;
const MAX_JOB_NAME = 255;
/** A number in a log that is no share of anything. */
const MAX_PERCENT = 1_000_000;

const NOWHERE = { write: () => Promise.resolve(), close: () => Promise.resolve() };
