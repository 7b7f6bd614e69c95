import type { ResourceGroupsTable } from '../schema/tables.ts';
import type { Db } from '../store.ts';
import type { ProcessMode } from './resource-groups.ts';

export interface StoredResourceGroup {
  readonly id: number;
  readonly key: string;
  readonly mode: ProcessMode;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Of a project, in the order they were first asked for. */
export async function listResourceGroups(
  db: Db,
  projectId: number,
  limit: number,
): Promise<readonly StoredResourceGroup[]> {
  const rows = await db
    .selectFrom('resource_groups')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(groupOf);
}

export async function resourceGroupByKey(
  db: Db,
  projectId: number,
  key: string,
): Promise<StoredResourceGroup | null> {
  const row = await db
    .selectFrom('resource_groups')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('key', '=', key)
    .executeTakeFirst();
  return row === undefined ? null : groupOf(row);
}

/** The ids of the jobs that wait for a group's resource in the order they asked, or of the one that has it. */
export async function jobsOfGroup(
  db: Db,
  groupId: number,
  { holder, limit }: { readonly holder: boolean; readonly limit: number },
): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('resource_claims as claim')
    .innerJoin('jobs as job', (join) =>
      join
        .onRef('job.pipeline_id', '=', 'claim.pipeline_id')
        .onRef('job.name', '=', 'claim.job')
        .onRef('job.attempt', '=', 'claim.attempt'),
    )
    .select('job.id')
    .where('claim.group_id', '=', groupId)
    .where('claim.granted_at', holder ? 'is not' : 'is', null)
    .orderBy('claim.id')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

const MODES = ['unordered', 'oldest_first', 'newest_first', 'newest_ready_first'] as const;

function groupOf(row: Omit<ResourceGroupsTable, 'id'> & { readonly id: number }): StoredResourceGroup {
  return {
    id: row.id,
    key: row.key,
    mode: MODES.find((mode) => mode === row.process_mode) ?? 'unordered',
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
