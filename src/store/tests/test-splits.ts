import type { Db } from '../store.ts';

/** What is known of the times of a job's tests. */
export interface TestTime {
  readonly suite: string;
  readonly className: string;
  readonly name: string;
  readonly file: string | null;
  readonly milliseconds: number;
}

/** Of all tests that ran in jobs of this name, and took part. */
export function testTimes(
  db: Db,
  { projectId, job, limit }: { readonly projectId: number; readonly job: string; readonly limit: number },
): Promise<readonly TestTime[]> {
  return db
    .selectFrom('test_cases')
    .select(['suite', 'class_name as className', 'name', 'file', 'milliseconds'])
    .where('project_id', '=', projectId)
    .where('job', '=', job)
    .where('runs', '>', 0)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** Which shares the jobs of a pipeline have been given, for tests of this content. */
export interface TestSplit {
  readonly pipelineId: number;
  readonly job: string;
  /** A hash of the tests and the number of shares. */
  readonly content: string;
}

/** Keeps the shares when these are the first; answers with those that hold for everybody. */
export async function settleTestSplit(
  db: Db,
  split: TestSplit & { readonly shares: string; readonly now: number },
): Promise<string> {
  await db
    .insertInto('test_splits')
    .values({
      pipeline_id: split.pipelineId,
      job: split.job,
      content: split.content,
      shares: split.shares,
      created_at: split.now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return (await testSplit(db, split)) ?? split.shares;
}

export async function testSplit(db: Db, { pipelineId, job, content }: TestSplit): Promise<string | null> {
  const row = await db
    .selectFrom('test_splits')
    .select('shares')
    .where('pipeline_id', '=', pipelineId)
    .where('job', '=', job)
    .where('content', '=', content)
    .executeTakeFirst();
  return row?.shares ?? null;
}

/** Whether tests of another content were split for the same job. */
export async function hasOtherSplit(db: Db, { pipelineId, job, content }: TestSplit): Promise<boolean> {
  const row = await db
    .selectFrom('test_splits')
    .select('content')
    .where('pipeline_id', '=', pipelineId)
    .where('job', '=', job)
    .where('content', '!=', content)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
