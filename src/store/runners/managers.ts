import type { Db } from '../store.ts';

/** A machine that uses a runner's token, as it describes itself. */
export interface RunnerManager {
  readonly systemId: string;
  readonly version: string | null;
  readonly revision: string | null;
  readonly platform: string | null;
  readonly architecture: string | null;
  readonly executor: string | null;
  readonly ipAddress: string | null;
  /** The names of what it can do. */
  readonly features: readonly string[];
  readonly contactedAt: number;
}

/** Remembers that machines were there, and what they are: each of them once at most. */
export async function touchManagers(
  db: Db,
  managers: readonly (RunnerManager & { readonly runnerId: number })[],
): Promise<void> {
  // In one order everywhere, so that no two processes each hold what the other waits for.
  const sorted = managers.toSorted(
    (a, b) => a.runnerId - b.runnerId || (a.systemId < b.systemId ? -1 : a.systemId > b.systemId ? 1 : 0),
  );
  const rows = sorted.map((manager) => ({
    runner_id: manager.runnerId,
    system_id: manager.systemId,
    created_at: manager.contactedAt,
    version: manager.version,
    revision: manager.revision,
    platform: manager.platform,
    architecture: manager.architecture,
    executor: manager.executor,
    ip_address: manager.ipAddress,
    features: JSON.stringify(manager.features),
    contacted_at: manager.contactedAt,
  }));
  if (rows.length === 0) return;
  await db
    .insertInto('runner_managers')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['runner_id', 'system_id']).doUpdateSet((row) => ({
        version: row.ref('excluded.version'),
        revision: row.ref('excluded.revision'),
        platform: row.ref('excluded.platform'),
        architecture: row.ref('excluded.architecture'),
        executor: row.ref('excluded.executor'),
        ip_address: row.ref('excluded.ip_address'),
        features: row.ref('excluded.features'),
        contacted_at: row.ref('excluded.contacted_at'),
      })),
    )
    .execute();
  const contacted = new Map(sorted.map(({ runnerId, contactedAt }) => [runnerId, contactedAt]));
  for (const [id, at] of contacted) {
    await db.updateTable('runners').set({ contacted_at: at }).where('id', '=', id).execute();
  }
}

export async function listManagers(db: Db, runnerId: number): Promise<readonly RunnerManager[]> {
  const rows = await db
    .selectFrom('runner_managers')
    .selectAll()
    .where('runner_id', '=', runnerId)
    .orderBy('id')
    .execute();
  return rows.map((row) => {
    const features: string[] = JSON.parse(row.features);
    return {
      systemId: row.system_id,
      version: row.version,
      revision: row.revision,
      platform: row.platform,
      architecture: row.architecture,
      executor: row.executor,
      ipAddress: row.ip_address,
      features,
      contactedAt: row.contacted_at,
    };
  });
}

/** Whether a machine has said that it can do something; false when it was never seen. */
export async function managerHas(
  db: Db,
  runnerId: number,
  systemId: string,
  feature: string,
): Promise<boolean> {
  const row = await db
    .selectFrom('runner_managers')
    .select('features')
    .where('runner_id', '=', runnerId)
    .where('system_id', '=', systemId)
    .executeTakeFirst();
  const features: string[] = JSON.parse(row?.features ?? '[]');
  return features.includes(feature);
}

/** Whether any machine that was there since a moment has said that it can do something. */
export async function isThereManagerWith(db: Db, feature: string, since: number): Promise<boolean> {
  const row = await db
    .selectFrom('runner_managers')
    .select('id')
    .where('contacted_at', '>=', since)
    // A list of texts as JSON. An underscore stands for any letter here, and no feature is called so like another.
    .where('features', 'like', `%${JSON.stringify(feature)}%`)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** False: there was none. */
export async function removeManager(db: Db, runnerId: number, systemId: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('runner_managers')
    .where('runner_id', '=', runnerId)
    .where('system_id', '=', systemId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
