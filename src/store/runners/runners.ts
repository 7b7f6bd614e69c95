import type { RunnersTable } from '../schema/tables.ts';
import { type Page, pageOf } from '../sql/page.ts';
import type { Db } from '../store.ts';

export interface Runner {
  readonly id: number;
  /** Whose jobs it takes: everybody's, or those of its projects. */
  readonly kind: 'instance_type' | 'project_type';
  readonly description: string;
  readonly tokenExpiresAt: number | null;
  readonly tags: readonly string[];
  readonly runUntagged: boolean;
  /** Takes jobs of protected refs only. */
  readonly protected: boolean;
  readonly locked: boolean;
  readonly paused: boolean;
  /** No job of it may take longer; null: no limit of its own. */
  readonly maximumTimeoutSeconds: number | null;
  readonly contactedAt: number | null;
  readonly createdAt: number;
  /** The projects of a project's runner; empty for an instance's. */
  readonly projects: readonly number[];
}

export interface NewRunner extends RunnerSettings {
  readonly kind: Runner['kind'];
  readonly tokenHash: string;
  readonly projects: readonly number[];
  readonly now: number;
}

/** What may be changed about a runner. */
export type RunnerSettings = Pick<
  Runner,
  'description' | 'tags' | 'runUntagged' | 'protected' | 'locked' | 'paused' | 'maximumTimeoutSeconds'
>;

export async function createRunner(db: Db, runner: NewRunner): Promise<Runner> {
  const row = await db
    .insertInto('runners')
    .values({
      kind: runner.kind,
      token_hash: runner.tokenHash,
      created_at: runner.now,
      ...columnsOf(runner),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  for (const project of runner.projects) await assignRunner(db, row.id, project);
  return runnerOf(row, runner.projects);
}

/** The runner that has this token; null: none. */
export async function runnerByToken(db: Db, tokenHash: string): Promise<Runner | null> {
  return (await runnersByTokens(db, [tokenHash])).get(tokenHash) ?? null;
}

export async function runnerById(db: Db, id: number): Promise<Runner | null> {
  return (await runnersByIds(db, [id])).get(id) ?? null;
}

/** The runners with these ids, by id. */
export async function runnersByIds(db: Db, ids: readonly number[]): Promise<ReadonlyMap<number, Runner>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('runners').selectAll().where('id', 'in', ids).execute();
  return new Map((await runnersOf(db, rows)).map((runner) => [runner.id, runner]));
}

/** The runners that have these tokens, by the tokens' hashes. */
export async function runnersByTokens(
  db: Db,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, Runner>> {
  if (hashes.length === 0) return new Map();
  const rows = await db.selectFrom('runners').selectAll().where('token_hash', 'in', hashes).execute();
  const runners = await runnersOf(db, rows);
  return new Map(
    rows.flatMap(({ token_hash: hash }, at) => {
      const runner = runners[at];
      return runner === undefined ? [] : [[hash, runner] as const];
    }),
  );
}

/** The newest first; with a project, those that may take its jobs. */
export async function listRunners(
  db: Db,
  { projectId }: { readonly projectId?: number },
  page: Page,
): Promise<readonly Runner[]> {
  let query = db.selectFrom('runners').selectAll();
  if (projectId !== undefined) {
    query = query.where((row) =>
      row.or([
        row('kind', '=', 'instance_type'),
        row.exists(
          row
            .selectFrom('runner_projects')
            .select('runner_id')
            .whereRef('runner_id', '=', 'runners.id')
            .where('project_id', '=', projectId),
        ),
      ]),
    );
  }
  return runnersOf(db, await pageOf(query, page, 'desc').execute());
}

/** Null: no such runner. */
export async function updateRunner(
  db: Db,
  id: number,
  changes: Partial<RunnerSettings>,
): Promise<Runner | null> {
  const before = await runnerById(db, id);
  if (before === null) return null;
  const after = { ...before, ...changes };
  await db.updateTable('runners').set(columnsOf(after)).where('id', '=', id).execute();
  return after;
}

export async function replaceRunnerToken(db: Db, id: number, tokenHash: string): Promise<void> {
  await db.updateTable('runners').set({ token_hash: tokenHash }).where('id', '=', id).execute();
}

/** False: there was none. */
export async function removeRunner(db: Db, id: number): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('runners').where('id', '=', id).executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function assignRunner(db: Db, runnerId: number, projectId: number): Promise<void> {
  await db
    .insertInto('runner_projects')
    .values({ runner_id: runnerId, project_id: projectId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function withdrawRunner(db: Db, runnerId: number, projectId: number): Promise<void> {
  await db
    .deleteFrom('runner_projects')
    .where('runner_id', '=', runnerId)
    .where('project_id', '=', projectId)
    .execute();
}

/** In the order of the rows. */
async function runnersOf(db: Db, rows: readonly RunnerRow[]): Promise<readonly Runner[]> {
  const ids = rows.filter(({ kind }) => kind !== 'instance_type').map(({ id }) => id);
  const assigned =
    ids.length === 0
      ? []
      : await db
          .selectFrom('runner_projects')
          .select(['runner_id', 'project_id'])
          .where('runner_id', 'in', ids)
          .orderBy('project_id')
          .execute();
  const projects = Map.groupBy(assigned, ({ runner_id: id }) => id);
  return rows.map((row) =>
    runnerOf(
      row,
      (projects.get(row.id) ?? []).map(({ project_id: id }) => id),
    ),
  );
}

function columnsOf(runner: RunnerSettings) {
  return {
    description: runner.description,
    tags: JSON.stringify(runner.tags),
    run_untagged: runner.runUntagged ? 1 : 0,
    protected: runner.protected ? 1 : 0,
    locked: runner.locked ? 1 : 0,
    paused: runner.paused ? 1 : 0,
    maximum_timeout: runner.maximumTimeoutSeconds,
  };
}

type RunnerRow = Omit<RunnersTable, 'id'> & { readonly id: number };

function runnerOf(row: RunnerRow, projects: readonly number[]): Runner {
  const tags: string[] = JSON.parse(row.tags);
  return {
    id: row.id,
    kind: row.kind === 'instance_type' ? 'instance_type' : 'project_type',
    description: row.description,
    tokenExpiresAt: row.token_expires_at,
    tags,
    runUntagged: row.run_untagged === 1,
    protected: row.protected === 1,
    locked: row.locked === 1,
    paused: row.paused === 1,
    maximumTimeoutSeconds: row.maximum_timeout,
    contactedAt: row.contacted_at,
    createdAt: row.created_at,
    projects,
  };
}
