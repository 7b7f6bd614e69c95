import type { Db } from '../store.ts';

/** The refs of a project as they were when they were last looked at for pipelines: full names with their hashes. */
export async function seenRefs(db: Db, projectId: number): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom('seen_refs')
    .select(['ref', 'sha'])
    .where('project_id', '=', projectId)
    .execute();
  return new Map(rows.map(({ ref, sha }) => [ref, sha]));
}

export interface SeenRef {
  readonly projectId: number;
  readonly ref: string;
  /** null: the ref is gone. */
  readonly sha: string | null;
  readonly now: number;
}

/**
 * Remembers where a ref has been looked at. False when it stood there before: this update has been looked at already.
 * Of two who do it at the same time the second waits for the first, and sees what it did.
 */
export async function markRefSeen(db: Db, { projectId, ref, sha, now }: SeenRef): Promise<boolean> {
  if (sha === null) {
    const { numDeletedRows } = await db
      .deleteFrom('seen_refs')
      .where('project_id', '=', projectId)
      .where('ref', '=', ref)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('seen_refs')
    .values({ project_id: projectId, ref, sha, seen_at: now })
    .onConflict((conflict) =>
      conflict
        .columns(['project_id', 'ref'])
        .doUpdateSet({ sha, seen_at: now })
        .where('seen_refs.sha', '!=', sha),
    )
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}
