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

/** Remembers that a machine was there, and what it is. */
export async function touchManager(db: Db, runnerId: number, manager: RunnerManager): Promise<void> {
  const values = {
    version: manager.version,
    revision: manager.revision,
    platform: manager.platform,
    architecture: manager.architecture,
    executor: manager.executor,
    ip_address: manager.ipAddress,
    features: JSON.stringify(manager.features),
    contacted_at: manager.contactedAt,
  };
  await db
    .insertInto('runner_managers')
    .values({ runner_id: runnerId, system_id: manager.systemId, created_at: manager.contactedAt, ...values })
    .onConflict((conflict) => conflict.columns(['runner_id', 'system_id']).doUpdateSet(values))
    .execute();
  await db
    .updateTable('runners')
    .set({ contacted_at: manager.contactedAt })
    .where('id', '=', runnerId)
    .execute();
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

/** False: there was none. */
export async function removeManager(db: Db, runnerId: number, systemId: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('runner_managers')
    .where('runner_id', '=', runnerId)
    .where('system_id', '=', systemId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
