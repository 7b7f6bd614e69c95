import { sql } from 'kysely';
import type { MergeRequestsTable } from '../schema/tables.ts';
import { type Page, pageOf } from '../sql/page.ts';
import type { Db } from '../store.ts';
import { takeMergeRequestNumber } from './projects.ts';

/** A branch that is to become part of another. */
export interface MergeRequest {
  readonly id: number;
  readonly projectId: number;
  /** Counts within its project. */
  readonly iid: number;
  readonly sourceBranch: string;
  readonly targetBranch: string;
  readonly title: string;
  readonly description: string;
  readonly labels: readonly string[];
  readonly state: 'opened' | 'closed' | 'merged';
  /** The head of the source branch, as it was last seen; null: there was none. */
  readonly sha: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly closedAt: number | null;
  readonly mergedAt: number | null;
}

export type NewMergeRequest = Pick<
  MergeRequest,
  'projectId' | 'sourceBranch' | 'targetBranch' | 'title' | 'description' | 'labels' | 'sha'
> & { readonly now: number };

/** Null: one of these branches is open already. Throws an Error when there is no such project. */
export async function createMergeRequest(db: Db, request: NewMergeRequest): Promise<MergeRequest | null> {
  // Takes the project's row: two of the same branches come one after the other.
  const iid = await takeMergeRequestNumber(db, request.projectId);
  if (iid === null) throw new Error(`No project ${request.projectId}`);
  if ((await openMergeRequest(db, request)) !== null) return null;
  const row = await db
    .insertInto('merge_requests')
    .values({
      project_id: request.projectId,
      iid,
      source_branch: request.sourceBranch,
      target_branch: request.targetBranch,
      title: request.title,
      description: request.description,
      labels: JSON.stringify(request.labels),
      state: 'opened',
      sha: request.sha,
      created_at: request.now,
      updated_at: request.now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return mergeRequestOf(row);
}

/** The open one of two branches. */
export async function openMergeRequest(
  db: Db,
  branches: Pick<MergeRequest, 'projectId' | 'sourceBranch' | 'targetBranch'>,
): Promise<MergeRequest | null> {
  const row = await opened(db, branches.projectId)
    .where('source_branch', '=', branches.sourceBranch)
    .where('target_branch', '=', branches.targetBranch)
    .executeTakeFirst();
  return row === undefined ? null : mergeRequestOf(row);
}

/** The open ones of a source branch, in their order. */
export async function openMergeRequestsOf(
  db: Db,
  projectId: number,
  sourceBranch: string,
): Promise<readonly MergeRequest[]> {
  const rows = await opened(db, projectId)
    .where('source_branch', '=', sourceBranch)
    .orderBy('iid')
    .limit(MOST_OPEN)
    .execute();
  return rows.map(mergeRequestOf);
}

/** The open ones into a target branch, in their order. */
export async function openMergeRequestsInto(
  db: Db,
  projectId: number,
  targetBranch: string,
): Promise<readonly MergeRequest[]> {
  const rows = await opened(db, projectId)
    .where('target_branch', '=', targetBranch)
    .orderBy('iid')
    .limit(MOST_INTO)
    .execute();
  return rows.map(mergeRequestOf);
}

const MOST_INTO = 200;

/** Whether any is open from or into a branch. */
export async function hasOpenMergeRequests(
  db: Db,
  { projectId, name }: { readonly projectId: number; readonly name: string },
): Promise<boolean> {
  const row = await opened(db, projectId)
    .where((each) => each.or([each('source_branch', '=', name), each('target_branch', '=', name)]))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Notes at which commit a merge request stands now. False: it stood there before, or is not open. */
export async function moveMergeRequest(
  db: Db,
  { id, sha, now }: { readonly id: number; readonly sha: string; readonly now: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('merge_requests')
    .set({ sha, updated_at: now })
    .where('id', '=', id)
    .where('state', '=', 'opened')
    .where((row) => row.or([row('sha', 'is', null), row('sha', '!=', sha)]))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** A branch of which more are open has pipelines for the first of them only. */
const MOST_OPEN = 20;

export async function mergeRequestByIid(
  db: Db,
  projectId: number,
  iid: number,
): Promise<MergeRequest | null> {
  const row = await db
    .selectFrom('merge_requests')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('iid', '=', iid)
    .executeTakeFirst();
  return row === undefined ? null : mergeRequestOf(row);
}

export interface MergeRequestFilter {
  readonly projectId: number;
  readonly state?: MergeRequest['state'];
  readonly sourceBranch?: string;
  readonly targetBranch?: string;
}

/** A page of them, the newest first. */
export async function listMergeRequests(
  db: Db,
  filter: MergeRequestFilter,
  page: Page,
): Promise<readonly MergeRequest[]> {
  let query = db.selectFrom('merge_requests').selectAll().where('project_id', '=', filter.projectId);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  if (filter.sourceBranch !== undefined) query = query.where('source_branch', '=', filter.sourceBranch);
  if (filter.targetBranch !== undefined) query = query.where('target_branch', '=', filter.targetBranch);
  return (await pageOf(query, page, 'desc').execute()).map(mergeRequestOf);
}

export type MergeRequestChanges = Partial<
  Pick<MergeRequest, 'title' | 'description' | 'targetBranch' | 'labels' | 'state' | 'sha'>
>;

/** Null: no such merge request. Throws what the database throws when another of the same branches is open. */
export async function updateMergeRequest(
  db: Db,
  id: number,
  { targetBranch, labels, state, ...same }: MergeRequestChanges,
  now: number,
): Promise<MergeRequest | null> {
  const row = await db
    .updateTable('merge_requests')
    .set({
      ...same,
      ...(targetBranch === undefined ? {} : { target_branch: targetBranch }),
      ...(labels === undefined ? {} : { labels: JSON.stringify(labels) }),
      ...(state === undefined
        ? {}
        : {
            state,
            closed_at: state === 'closed' ? now : null,
            merged_at: state === 'merged' ? now : null,
          }),
      updated_at: now,
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? null : mergeRequestOf(row);
}

function opened(db: Db, projectId: number) {
  return (
    db
      .selectFrom('merge_requests')
      .selectAll()
      .where('project_id', '=', projectId)
      // As the index has it, or the database would look at closed ones too.
      .where(sql<boolean>`state = 'opened'`)
  );
}

const STATES = ['opened', 'closed', 'merged'] as const;

function mergeRequestOf(row: Omit<MergeRequestsTable, 'id'> & { readonly id: number }): MergeRequest {
  const labels: string[] = JSON.parse(row.labels);
  return {
    id: row.id,
    projectId: row.project_id,
    iid: row.iid,
    sourceBranch: row.source_branch,
    targetBranch: row.target_branch,
    title: row.title,
    description: row.description,
    labels,
    state: STATES.find((state) => state === row.state) ?? 'closed',
    sha: row.sha,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    closedAt: row.closed_at,
    mergedAt: row.merged_at,
  };
}
