import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '../store.ts';

/** How a case ended; the number is its rank: of a case that ran several times in a job the highest counts. */
export const TEST_OUTCOMES = ['skipped', 'success', 'error', 'failed'] as const;

export type TestOutcome = (typeof TEST_OUTCOMES)[number];

/** What makes a case the same from one pipeline to the next. */
export interface TestIdentity {
  /** The name of its job, without the number that `parallel` gives it. */
  readonly job: string;
  readonly suite: string;
  readonly className: string;
  readonly name: string;
}

export interface TestResult extends TestIdentity {
  readonly hash: string;
  readonly file: string | null;
  readonly outcome: TestOutcome;
  readonly milliseconds: number;
  /** Of a failure or an error. */
  readonly output: string | null;
}

/** By which the database finds a case. */
export function testHash({ job, suite, className, name }: TestIdentity): string {
  return createHash('sha256')
    .update(`${job}\0${suite}\0${className}\0${name}`)
    .digest('base64url')
    .slice(0, HASH_LENGTH);
}

/** 144 bits: two cases of a project never share one. */
const HASH_LENGTH = 24;

export interface ReportedJob {
  readonly jobId: number;
  readonly projectId: number;
  readonly pipelineId: number;
}

/** Takes back all that was written of a job's tests. */
export async function forgetTestReport(db: Db, jobId: number): Promise<void> {
  await db.deleteFrom('test_reports').where('job_id', '=', jobId).execute();
  await db.deleteFrom('test_results').where('job_id', '=', jobId).execute();
}

/** Results, each of another case; at most a thousand. One that the job has had already gets the worse of both outcomes. */
export async function addTestResults(
  db: Db,
  job: ReportedJob,
  results: readonly TestResult[],
  now: number,
): Promise<void> {
  if (results.length === 0) return;
  const ids = await touchCases(db, job.projectId, results, now);
  const rows = results.map(({ hash, outcome, milliseconds, output }) => ({
    job_id: job.jobId,
    case_id: ids.get(hash) ?? 0,
    pipeline_id: job.pipelineId,
    outcome: TEST_OUTCOMES.indexOf(outcome),
    milliseconds,
    output,
  }));
  await db
    .insertInto('test_results')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['job_id', 'case_id']).doUpdateSet({
        outcome: sql<number>`case when excluded.outcome > test_results.outcome then excluded.outcome else test_results.outcome end`,
        milliseconds: sql<number>`test_results.milliseconds + excluded.milliseconds`,
        output: sql<string | null>`coalesce(test_results.output, excluded.output)`,
      }),
    )
    .execute();
}

/**
 * The ids of the cases, by their hashes. A case keeps a mean of its times in which a run counts for less the older it is;
 * being skipped is no time.
 */
async function touchCases(
  db: Db,
  projectId: number,
  results: readonly TestResult[],
  now: number,
): Promise<ReadonlyMap<string, number>> {
  // In one order, so that two transactions with the same cases do not each wait for the other.
  const sorted = results.toSorted((a, b) => (a.hash < b.hash ? -1 : 1));
  const rows = sorted.map(({ hash, job, suite, className, name, file, outcome, milliseconds }) => ({
    ...{ project_id: projectId, hash, job, suite, class_name: className, name, file, milliseconds },
    runs: outcome === 'skipped' ? 0 : 1,
    last_run_at: now,
  }));
  const touched = await db
    .insertInto('test_cases')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['project_id', 'hash']).doUpdateSet({
        runs: sql<number>`test_cases.runs + excluded.runs`,
        milliseconds: sql<number>`case
          when excluded.runs = 0 then test_cases.milliseconds
          when test_cases.runs = 0 then excluded.milliseconds
          else (test_cases.milliseconds * 7 + excluded.milliseconds * 3) / 10 end`,
        file: sql<string | null>`coalesce(excluded.file, test_cases.file)`,
        last_run_at: sql<number>`excluded.last_run_at`,
      }),
    )
    .returning(['id', 'hash'])
    .execute();
  return new Map(touched.map(({ id, hash }) => [hash, id]));
}

export interface NewTestReport extends ReportedJob {
  readonly ref: string;
  readonly sha: string;
  readonly total: number;
  readonly failed: number;
  readonly errored: number;
  readonly skipped: number;
  readonly milliseconds: number;
  /** Why not all of it could be read; null: it was. */
  readonly problem: string | null;
  /** The hashes of cases that have passed and failed in this job. */
  readonly flaky: readonly string[];
  readonly now: number;
}

/** The end of a job's report: from now on it is seen. Finds the cases that ended otherwise on the same commit before. */
export async function addTestReport(db: Db, report: NewTestReport): Promise<void> {
  await db
    .insertInto('test_reports')
    .values({
      job_id: report.jobId,
      project_id: report.projectId,
      pipeline_id: report.pipelineId,
      ref: report.ref,
      sha: report.sha,
      total: report.total,
      failed: report.failed,
      errored: report.errored,
      skipped: report.skipped,
      milliseconds: report.milliseconds,
      problem: report.problem,
      created_at: report.now,
    })
    .execute();
  const others = await db
    .selectFrom('test_reports')
    .select('job_id')
    .where('project_id', '=', report.projectId)
    .where('sha', '=', report.sha)
    .where('job_id', '!=', report.jobId)
    .orderBy('job_id', 'desc')
    .limit(MOST_OTHERS)
    .execute();
  const flaky = new Set<number>();
  for (const { job_id: other } of others) {
    for (const id of await endedOtherwise(db, report.jobId, other)) flaky.add(id);
  }
  for (let from = 0; from < report.flaky.length; from += AT_ONCE) {
    const rows = await db
      .selectFrom('test_cases')
      .select('id')
      .where('project_id', '=', report.projectId)
      .where('hash', 'in', report.flaky.slice(from, from + AT_ONCE))
      .execute();
    for (const { id } of rows) flaky.add(id);
  }
  const { sha, projectId, jobId, now } = report;
  const rows = Array.from(flaky, (id) => ({
    ...{ case_id: id, sha, project_id: projectId, job_id: jobId, seen_at: now },
  }));
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    await db
      .insertInto('test_flakes')
      .values(rows.slice(from, from + AT_ONCE))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** A commit that ran more often than this is compared with its last runs only. */
const MOST_OTHERS = 20;
const AT_ONCE = 1000;

/** The cases that passed in one of two jobs and failed in the other. */
async function endedOtherwise(db: Db, jobId: number, otherId: number): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('test_results as own')
    .innerJoin('test_results as other', (join) =>
      join.onRef('other.case_id', '=', 'own.case_id').on('other.job_id', '=', otherId),
    )
    .select('own.case_id')
    .where('own.job_id', '=', jobId)
    .where(sql<boolean>`((own.outcome = 1 and other.outcome > 1) or (own.outcome > 1 and other.outcome = 1))`)
    .execute();
  return rows.map(({ case_id: id }) => id);
}
