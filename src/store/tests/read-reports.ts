import type { Db } from '../store.ts';
import { TEST_OUTCOMES, type TestOutcome } from './write-results.ts';

/** What the tests of a job come to. */
export interface StoredTestReport {
  readonly jobId: number;
  readonly jobName: string;
  readonly total: number;
  readonly failed: number;
  readonly errored: number;
  readonly skipped: number;
  readonly milliseconds: number;
  readonly problem: string | null;
}

/** Of the attempts that count of a pipeline's jobs, in their order. */
export async function testReportsOf(db: Db, pipelineId: number): Promise<readonly StoredTestReport[]> {
  const rows = await db
    .selectFrom('test_reports as report')
    .innerJoin('jobs as job', 'job.id', 'report.job_id')
    .select([
      ...(['report.job_id', 'job.name', 'report.total', 'report.failed', 'report.errored'] as const),
      ...(['report.skipped', 'report.milliseconds', 'report.problem'] as const),
    ])
    .where('report.pipeline_id', '=', pipelineId)
    .where('job.latest', '=', 1)
    .orderBy('report.job_id')
    .execute();
  return rows.map(({ job_id: jobId, name, total, failed, errored, skipped, milliseconds, problem }) => ({
    ...{ jobId, jobName: name, total, failed, errored, skipped, milliseconds, problem },
  }));
}

export interface StoredTestResult {
  readonly caseId: number;
  readonly suite: string;
  readonly className: string;
  readonly name: string;
  readonly file: string | null;
  readonly outcome: TestOutcome;
  readonly milliseconds: number;
  readonly output: string | null;
}

/** Cases of a job's report, in the order they were first seen, from one on: those that failed, the others, or all. */
export async function testResultsOf(
  db: Db,
  jobId: number,
  {
    limit,
    after = 0,
    failed,
  }: { readonly limit: number; readonly after?: number; readonly failed?: boolean },
): Promise<readonly StoredTestResult[]> {
  let query = db
    .selectFrom('test_results as result')
    .innerJoin('test_cases as of', 'of.id', 'result.case_id')
    .select([
      ...(['of.id', 'of.suite', 'of.class_name', 'of.name', 'of.file'] as const),
      ...(['result.outcome', 'result.milliseconds', 'result.output'] as const),
    ])
    .where('result.job_id', '=', jobId)
    .where('result.case_id', '>', after)
    .orderBy('result.case_id')
    .limit(limit);
  if (failed !== undefined) query = query.where('result.outcome', failed ? '>' : '<=', SUCCESS);
  const rows = await query.execute();
  return rows.map(({ id, suite, class_name: className, name, file, outcome, milliseconds, output }) => ({
    ...{ caseId: id, suite, className, name, file, milliseconds, output },
    outcome: outcomeOf(outcome),
  }));
}

const SUCCESS = TEST_OUTCOMES.indexOf('success');

export function outcomeOf(rank: number): TestOutcome {
  return TEST_OUTCOMES[rank] ?? 'skipped';
}
