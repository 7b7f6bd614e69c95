import { sql } from 'kysely';
import type { ProjectsTable } from '../schema/tables.ts';
import { type Page, pageOf } from '../sql/page.ts';
import type { Db } from '../store.ts';

export interface Project {
  readonly id: number;
  /** `group/name` */
  readonly path: string;
  readonly name: string;
  readonly defaultBranch: string;
  /** The pipeline file; null: the first of the usual names that is there. */
  readonly configPath: string | null;
  readonly settings: ProjectSettings;
  readonly createdAt: number;
}

export interface ProjectSettings {
  readonly visibility: 'private' | 'internal' | 'public';
  /** Branches and tags, by name or pattern with `*`, that only some may change and whose jobs see protected variables. */
  readonly protectedBranches: readonly string[];
  readonly protectedTags: readonly string[];
  /** How long a job may take that does not say it itself. */
  readonly timeoutSeconds: number;
  /** Commits that a job fetches; 0: all. */
  readonly gitDepth: number;
  /** A newer pipeline of the same ref cancels older ones whose jobs may be interrupted. */
  readonly autoCancelRedundant: boolean;
  /** The artifacts of the newest successful pipeline of each branch and tag stay, although their time is over. */
  readonly keepLatestArtifacts: boolean;
  /** The ids of other projects whose jobs may do with their tokens here what the project's own may. */
  readonly jobTokenProjects: readonly number[];
}

/** A project as it is without anybody having set anything. */
export function defaultSettings(defaultBranch: string): ProjectSettings {
  return {
    visibility: 'private',
    protectedBranches: [defaultBranch],
    protectedTags: [],
    timeoutSeconds: 3600,
    gitDepth: 20,
    autoCancelRedundant: true,
    keepLatestArtifacts: true,
    jobTokenProjects: [],
  };
}

export interface NewProject {
  readonly path: string;
  readonly name?: string;
  readonly defaultBranch?: string;
  readonly configPath?: string | null;
  readonly settings?: Partial<ProjectSettings>;
  readonly now: number;
}

/** Null when there is a project at this path already. */
export async function createProject(db: Db, project: NewProject): Promise<Project | null> {
  const { path, defaultBranch = 'main' } = project;
  const row = await db
    .insertInto('projects')
    .values({
      path,
      name: project.name ?? path.slice(path.lastIndexOf('/') + 1),
      default_branch: defaultBranch,
      ci_config_path: project.configPath ?? null,
      settings: JSON.stringify(project.settings ?? {}),
      created_at: project.now,
    })
    .onConflict((conflict) => conflict.column('path').doNothing())
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? null : projectOf(row);
}

export async function projectById(db: Db, id: number): Promise<Project | null> {
  const row = await present(db).where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : projectOf(row);
}

export async function projectByPath(db: Db, path: string): Promise<Project | null> {
  const row = await present(db).where('path', '=', path).executeTakeFirst();
  return row === undefined ? null : projectOf(row);
}

/** Which projects; absent: all. */
export interface ProjectFilter {
  /** A part of the path, whatever its case. */
  readonly search?: string;
  /** Public ones, and the one with this id. */
  readonly publicOr?: number | null;
}

/** In the order of their ids. */
export async function listProjects(db: Db, filter: ProjectFilter, page: Page): Promise<readonly Project[]> {
  let query = present(db);
  const { search, publicOr } = filter;
  if (search !== undefined) {
    const pattern = `%${search.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where(sql<boolean>`lower(path) like ${pattern} escape '\\'`);
  }
  if (publicOr !== undefined) {
    // As this file writes it; in a text of the settings there would be backslashes before the quotes.
    query = query.where((row) =>
      row.or([row('settings', 'like', '%"visibility":"public"%'), row('id', '=', publicOr ?? 0)]),
    );
  }
  const rows = await pageOf(query, page, 'asc').execute();
  return rows.map(projectOf);
}

export interface ProjectChanges {
  readonly name?: string;
  readonly defaultBranch?: string;
  readonly configPath?: string | null;
  readonly settings?: Partial<ProjectSettings>;
}

/** Null: no such project. */
export async function updateProject(db: Db, id: number, changes: ProjectChanges): Promise<Project | null> {
  const before = await present(db).where('id', '=', id).executeTakeFirst();
  if (before === undefined) return null;
  const settings = { ...written(before.settings), ...changes.settings };
  const row = await db
    .updateTable('projects')
    .set({
      name: changes.name ?? before.name,
      default_branch: changes.defaultBranch ?? before.default_branch,
      ci_config_path: changes.configPath === undefined ? before.ci_config_path : changes.configPath,
      settings: JSON.stringify(settings),
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return projectOf(row);
}

/** Out of sight from now on, its path free for another; what belongs to it is removed by whoever carries that out. */
export async function markProjectDeleted(db: Db, id: number, now: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('projects')
    .set({ deleted_at: now, path: sql<string>`path || cast(${` deleted ${id}`} as text)` })
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The number that the next pipeline of a project has among its own; null: no such project. */
export async function takePipelineNumber(db: Db, projectId: number): Promise<number | null> {
  const row = await db
    .updateTable('projects')
    .set((columns) => ({ last_pipeline_iid: columns('last_pipeline_iid', '+', 1) }))
    .where('id', '=', projectId)
    .returning('last_pipeline_iid')
    .executeTakeFirst();
  return row?.last_pipeline_iid ?? null;
}

/** The same for merge requests. */
export async function takeMergeRequestNumber(db: Db, projectId: number): Promise<number | null> {
  const row = await db
    .updateTable('projects')
    .set((columns) => ({ last_merge_request_iid: columns('last_merge_request_iid', '+', 1) }))
    .where('id', '=', projectId)
    .returning('last_merge_request_iid')
    .executeTakeFirst();
  return row?.last_merge_request_iid ?? null;
}

function present(db: Db) {
  return db.selectFrom('projects').selectAll().where('deleted_at', 'is', null);
}

type ProjectRow = Omit<ProjectsTable, 'id' | 'last_pipeline_iid' | 'last_merge_request_iid'> & {
  readonly id: number;
};

function projectOf(row: ProjectRow): Project {
  return {
    id: row.id,
    path: row.path,
    name: row.name,
    defaultBranch: row.default_branch,
    configPath: row.ci_config_path,
    settings: { ...defaultSettings(row.default_branch), ...written(row.settings) },
    createdAt: row.created_at,
  };
}

/** Only this file writes it. */
function written(settings: string): Partial<ProjectSettings> {
  const parsed: Partial<ProjectSettings> = JSON.parse(settings);
  return parsed;
}
