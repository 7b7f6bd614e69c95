import type { Snapshot } from './snapshot.ts';

/**
 * Opens a database as it is now, while others may write to it. Throws an AppError `database-unusable` when there is none,
 * or it is not Slipway's.
 */
export async function openSnapshot(database: string): Promise<Snapshot> {
  return isPostgres(database)
    ? await (await import('./postgres-snapshot.ts')).openPostgresSnapshot(database)
    : await (await import('./sqlite-snapshot.ts')).openSqliteSnapshot(database);
}

export function isPostgres(database: string): boolean {
  return /^postgres(ql)?:\/\//.test(database);
}
