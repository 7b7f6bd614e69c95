import type { Db } from '../store.ts';

/** What a runner must have for a job: these tags, these features, and leave to see what is protected. */
export interface LaneContent {
  readonly tags: readonly string[];
  readonly features: readonly string[];
  readonly protected: boolean;
}

/** The ids of the lanes with these contents, in their order; those that the project did not have are made. */
export async function lanesFor(
  db: Db,
  projectId: number,
  contents: readonly LaneContent[],
): Promise<readonly number[]> {
  const rows = contents.map((content) => ({
    project_id: projectId,
    protected: content.protected ? 1 : 0,
    tags: JSON.stringify([...new Set(content.tags)].sort()),
    features: JSON.stringify([...new Set(content.features)].sort()),
  }));
  const wanted = new Map(rows.map((row) => [keyOf(row), row]));
  const known = await idsOf(db, projectId);
  const missing = [...wanted].filter(([key]) => !known.has(key)).map(([, row]) => row);
  for (const row of missing) {
    await db
      .insertInto('lanes')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  const all = missing.length === 0 ? known : await idsOf(db, projectId);
  return rows.map((row) => {
    const id = all.get(keyOf(row));
    if (id === undefined) throw new Error('A lane that was just made is not there');
    return id;
  });
}

async function idsOf(db: Db, projectId: number): Promise<ReadonlyMap<string, number>> {
  const rows = await db.selectFrom('lanes').selectAll().where('project_id', '=', projectId).execute();
  return new Map(rows.map((row) => [keyOf(row), row.id]));
}

function keyOf(row: {
  readonly protected: number;
  readonly tags: string;
  readonly features: string;
}): string {
  return `${row.protected} ${row.tags} ${row.features}`;
}
