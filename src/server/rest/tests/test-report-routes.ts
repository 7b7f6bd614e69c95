import { Readable } from 'node:stream';
import type { RestTestSummary } from '../../../protocol/index.ts';
import {
  type Store,
  type StoredTestReport,
  type StoredTestResult,
  testReportsOf,
  testResultsOf,
} from '../../../store/index.ts';
import { pipelineIn } from '../pipelines/pipeline-in.ts';
import type { RestScope } from '../rest-scope.ts';

/** What the tests of a pipeline came to, as GitLab answers it: a suite a job. */
export function testReportRoutes({ api, parts, schemas, access }: RestScope): void {
  const { RestTestSummary: Summary, RestFailure, PipelineParams } = schemas;
  const { store } = parts;

  api.get(
    '/projects/:id/pipelines/:pipeline_id/test_report_summary',
    {
      schema: {
        summary: 'How many tests of a pipeline passed and failed',
        params: PipelineParams,
        response: { 200: Summary, '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id);
      const { id } = await pipelineIn(store, project, request.params.pipeline_id);
      return summaryOf(await store.read((db) => testReportsOf(db, id)));
    },
  );

  api.get(
    '/projects/:id/pipelines/:pipeline_id/test_report',
    { schema: { summary: 'Every test of a pipeline, those that failed first', params: PipelineParams } },
    async (request, reply) => {
      const project = await access.project(request, request.params.id);
      const { id } = await pipelineIn(store, project, request.params.pipeline_id);
      const reports = await store.read((db) => testReportsOf(db, id));
      // Piece by piece: a report may have hundreds of thousands of cases.
      return reply.type('application/json; charset=utf-8').send(Readable.from(reportText(store, reports)));
    },
  );
}

function summaryOf(reports: readonly StoredTestReport[]): RestTestSummary {
  const total = totalOf(reports);
  return {
    total: {
      time: total.total_time,
      count: total.total_count,
      success: total.success_count,
      failed: total.failed_count,
      skipped: total.skipped_count,
      error: total.error_count,
      suite_error: null,
    },
    test_suites: reports.map((report) => ({
      ...suiteOf(report),
      build_ids: [report.jobId],
      suite_error: report.problem,
    })),
  };
}

function totalOf(reports: readonly StoredTestReport[]) {
  const sum = (of: (report: StoredTestReport) => number) => reports.reduce((all, one) => all + of(one), 0);
  return countsOf({
    total: sum(({ total }) => total),
    failed: sum(({ failed }) => failed),
    errored: sum(({ errored }) => errored),
    skipped: sum(({ skipped }) => skipped),
    milliseconds: sum(({ milliseconds }) => milliseconds),
  });
}

function suiteOf(report: StoredTestReport) {
  return { name: report.jobName, ...countsOf(report) };
}

function countsOf(counts: Omit<StoredTestReport, 'jobId' | 'jobName' | 'problem'>) {
  const { total, failed, errored, skipped, milliseconds } = counts;
  return {
    total_time: milliseconds / 1000,
    total_count: total,
    success_count: total - failed - errored - skipped,
    failed_count: failed,
    skipped_count: skipped,
    error_count: errored,
  };
}

async function* reportText(store: Store, reports: readonly StoredTestReport[]): AsyncGenerator<string> {
  yield `${JSON.stringify(totalOf(reports)).slice(0, -1)},"test_suites":[`;
  for (const [at, report] of reports.entries()) {
    const suite = { ...suiteOf(report), suite_error: report.problem };
    yield `${at === 0 ? '' : ','}${JSON.stringify(suite).slice(0, -1)},"test_cases":[`;
    let separator = '';
    for await (const results of pages(store, report.jobId)) {
      yield separator + results.map((result) => JSON.stringify(caseOf(result))).join(',');
      separator = ',';
    }
    yield ']}';
  }
  yield ']}';
}

async function* pages(store: Store, jobId: number): AsyncGenerator<readonly StoredTestResult[]> {
  for (const failed of [true, false]) {
    for (let after = 0; ; ) {
      const results = await store.read((db) => testResultsOf(db, jobId, { limit: AT_ONCE, after, failed }));
      if (results.length > 0) yield results;
      const last = results.at(-1);
      if (last === undefined || results.length < AT_ONCE) break;
      after = last.caseId;
    }
  }
}

const AT_ONCE = 500;

function caseOf({ outcome, suite, name, className, file, milliseconds, output }: StoredTestResult) {
  return {
    status: outcome,
    name,
    classname: className === '' ? suite : className,
    file,
    execution_time: milliseconds / 1000,
    system_output: output,
    stack_trace: null,
    recent_failures: null,
  };
}
