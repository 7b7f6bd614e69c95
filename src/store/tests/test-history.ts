import { sql } from 'kysely';
import type { TestCasesTable } from '../schema/tables.ts';
import { type Page, pageOf } from '../sql/page.ts';
import type { Db } from '../store.ts';
import { outcomeOf } from './read-reports.ts';
import type { TestOutcome } from './write-results.ts';

/** A case of a project, as it is known from all its runs. */
export interface KnownTest {
  readonly id: number;
  readonly job: string;
  readonly suite: string;
  readonly className: string;
  readonly name: string;
  readonly file: string | null;
  readonly runs: number;
  /** The mean of its times, in which later ones count for more. */
  readonly milliseconds: number;
  readonly lastRunAt: number;
}

/** Those that take longest, first. */
export async function slowestTests(db: Db, projectId: number, limit: number): Promise<readonly KnownTest[]> {
  const rows = await db
    .selectFrom('test_cases')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('milliseconds', 'desc')
    .limit(limit)
    .execute();
  return rows.map(testOf);
}

export interface TestFilter {
  readonly projectId: number;
  readonly job?: string;
  readonly suite?: string;
  readonly name?: string;
}

/** A page of them, in the order they were first seen. */
export async function findTests(
  db: Db,
  { projectId, job, suite, name }: TestFilter,
  page: Page,
): Promise<readonly KnownTest[]> {
  let query = db.selectFrom('test_cases').selectAll().where('project_id', '=', projectId);
  if (job !== undefined) query = query.where('job', '=', job);
  if (suite !== undefined) query = query.where('suite', '=', suite);
  if (name !== undefined) query = query.where('name', '=', name);
  return (await pageOf(query, page, 'asc').execute()).map(testOf);
}

export async function testById(db: Db, projectId: number, id: number): Promise<KnownTest | null> {
  const row = await db
    .selectFrom('test_cases')
    .selectAll()
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return row === undefined ? null : testOf(row);
}

export interface FlakyTest extends KnownTest {
  /** On how many commits it has both passed and failed. */
  readonly commits: number;
  readonly lastSeenAt: number;
}

/** Cases that passed and failed on one commit since a moment: those of the most commits first. */
export async function flakyTests(
  db: Db,
  projectId: number,
  { since, limit }: { readonly since: number; readonly limit: number },
): Promise<readonly FlakyTest[]> {
  const rows = await db
    .selectFrom('test_flakes as flake')
    .innerJoin('test_cases as of', 'of.id', 'flake.case_id')
    .selectAll('of')
    .select(({ fn }) => [
      fn.countAll<number>().as('commits'),
      fn.max<number>('flake.seen_at').as('last_seen_at'),
    ])
    .where('flake.project_id', '=', projectId)
    .where('flake.seen_at', '>=', since)
    .groupBy('of.id')
    .orderBy('commits', 'desc')
    .orderBy('of.id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    ...testOf(row),
    commits: Number(row.commits),
    lastSeenAt: Number(row.last_seen_at),
  }));
}

/** One run of a case. */
export interface TestRun {
  readonly pipelineId: number;
  readonly jobId: number;
  readonly ref: string;
  readonly sha: string;
  readonly outcome: TestOutcome;
  readonly milliseconds: number;
  readonly at: number;
}

/** The newest first; of one ref, or of all. */
export async function runsOfTest(
  db: Db,
  caseId: number,
  { ref, limit, before }: { readonly ref?: string; readonly limit: number; readonly before?: number },
): Promise<readonly TestRun[]> {
  let query = runs(db, caseId)
    .orderBy('result.pipeline_id', 'desc')
    .orderBy('result.job_id', 'desc')
    .limit(limit);
  if (ref !== undefined) query = query.where('report.ref', '=', ref);
  if (before !== undefined) query = query.where('result.pipeline_id', '<', before);
  return (await query.execute()).map(runOf);
}

/** How a case stands on a ref. */
export interface TestStanding {
  /** The newest run that was not skipped. */
  readonly last: TestRun;
  /** When it fails: the first of the failures since it passed for the last time, and that pass, if it ever did. */
  readonly failingSince: TestRun | null;
  readonly lastPass: TestRun | null;
}

/** Since when a case fails; null when it never ran on this ref. Reads as much of its history as it has failed without a pass. */
export async function standingOfTest(db: Db, caseId: number, ref: string): Promise<TestStanding | null> {
  const newest = () =>
    runs(db, caseId)
      .where('report.ref', '=', ref)
      .orderBy('result.pipeline_id', 'desc')
      .orderBy('result.job_id', 'desc')
      .limit(1);
  const last = await newest().where('result.outcome', '>', SKIPPED).executeTakeFirst();
  if (last === undefined) return null;
  const pass = await newest().where('result.outcome', '=', SUCCESS).executeTakeFirst();
  if (last.outcome === SUCCESS) return { last: runOf(last), failingSince: null, lastPass: runOf(last) };
  let failures = runs(db, caseId)
    .where('report.ref', '=', ref)
    .where('result.outcome', '>', SUCCESS)
    .orderBy('result.pipeline_id')
    .orderBy('result.job_id')
    .limit(1);
  if (pass !== undefined) {
    const { pipeline_id: pipeline, job_id: job } = pass;
    failures = failures
      .where('result.pipeline_id', '>=', pipeline)
      .where((row) => row.or([row('result.pipeline_id', '>', pipeline), row('result.job_id', '>', job)]));
  }
  const first = await failures.executeTakeFirst();
  return {
    last: runOf(last),
    failingSince: runOf(first ?? last),
    lastPass: pass === undefined ? null : runOf(pass),
  };
}

const SKIPPED = 0;
const SUCCESS = 1;

/** What failed in a pipeline and had not failed in the pipeline before it on the same ref; else on `base`. */
export async function newFailures(
  db: Db,
  pipeline: { readonly id: number; readonly projectId: number; readonly ref: string; readonly base: string },
  limit: number,
): Promise<readonly (KnownTest & { readonly jobId: number })[]> {
  const { id, ref, base } = pipeline;
  const before = (on: string) => sql<number | null>`(
    select earlier.outcome from test_results as earlier
    inner join test_reports as report on report.job_id = earlier.job_id
    where earlier.case_id = result.case_id and earlier.pipeline_id < ${id} and report.ref = ${on}
      and earlier.outcome > ${SKIPPED}
    order by earlier.pipeline_id desc, earlier.job_id desc limit 1)`;
  const rows = await db
    .selectFrom('test_results as result')
    .innerJoin('test_reports as own', 'own.job_id', 'result.job_id')
    .innerJoin('jobs as job', 'job.id', 'result.job_id')
    .innerJoin('test_cases as of', 'of.id', 'result.case_id')
    .selectAll('of')
    .select('result.job_id')
    .where('own.pipeline_id', '=', id)
    .where('job.latest', '=', 1)
    .where('result.outcome', '>', SUCCESS)
    .where(sql<boolean>`coalesce(${before(ref)}, ${before(base)}, ${SUCCESS}) = ${SUCCESS}`)
    .orderBy('of.id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...testOf(row), jobId: row.job_id }));
}

function runs(db: Db, caseId: number) {
  return db
    .selectFrom('test_results as result')
    .innerJoin('test_reports as report', 'report.job_id', 'result.job_id')
    .select([
      ...(['result.pipeline_id', 'result.job_id', 'result.outcome', 'result.milliseconds'] as const),
      ...(['report.ref', 'report.sha', 'report.created_at'] as const),
    ])
    .where('result.case_id', '=', caseId);
}

function runOf(row: Awaited<ReturnType<ReturnType<typeof runs>['executeTakeFirstOrThrow']>>): TestRun {
  return {
    pipelineId: row.pipeline_id,
    jobId: row.job_id,
    ref: row.ref,
    sha: row.sha,
    outcome: outcomeOf(row.outcome),
    milliseconds: row.milliseconds,
    at: row.created_at,
  };
}

type CaseRow = Omit<TestCasesTable, 'id'> & { readonly id: number };

function testOf(row: CaseRow): KnownTest {
  return {
    id: row.id,
    job: row.job,
    suite: row.suite,
    className: row.class_name,
    name: row.name,
    file: row.file,
    runs: row.runs,
    milliseconds: row.milliseconds,
    lastRunAt: row.last_run_at,
  };
}
