import type { VariablesTable } from '../schema/tables.ts';
import type { Db } from '../store.ts';

/** A variable of a project, or of the whole instance. */
export interface StoredVariable {
  readonly key: string;
  readonly value: string;
  /** `*`, or a pattern for the names of environments. */
  readonly environmentScope: string;
  readonly kind: 'env_var' | 'file';
  /** Only for jobs of protected refs. */
  readonly protected: boolean;
  readonly masked: boolean;
  /** Its value is not shown to anybody again. */
  readonly hidden: boolean;
  readonly raw: boolean;
  readonly description: string | null;
}

/** Of the instance first, then of the project. */
export async function variablesFor(db: Db, projectId: number): Promise<readonly StoredVariable[]> {
  const rows = await db
    .selectFrom('variables')
    .selectAll()
    .where((row) => row.or([row('project_id', 'is', null), row('project_id', '=', projectId)]))
    .orderBy('id')
    .execute();
  return [
    ...rows.filter(({ project_id }) => project_id === null),
    ...rows.filter(({ project_id }) => project_id !== null),
  ].map(variableOf);
}

/** `projectId` null: those of the instance alone. */
export async function listVariables(db: Db, projectId: number | null): Promise<readonly StoredVariable[]> {
  const rows = await within(db.selectFrom('variables').selectAll(), projectId)
    .orderBy('key')
    .orderBy('id')
    .execute();
  return rows.map(variableOf);
}

/** Sets a new one, or changes the one of the same key and scope. */
export async function setVariable(db: Db, projectId: number | null, variable: StoredVariable): Promise<void> {
  await removeVariable(db, projectId, variable.key, variable.environmentScope);
  await db
    .insertInto('variables')
    .values({
      project_id: projectId,
      key: variable.key,
      environment_scope: variable.environmentScope,
      value: variable.value,
      kind: variable.kind,
      protected: variable.protected ? 1 : 0,
      masked: variable.masked ? 1 : 0,
      hidden: variable.hidden ? 1 : 0,
      raw: variable.raw ? 1 : 0,
      description: variable.description,
    })
    .execute();
}

/** False: there was none. */
export async function removeVariable(
  db: Db,
  projectId: number | null,
  key: string,
  environmentScope: string,
): Promise<boolean> {
  const { numDeletedRows } = await within(db.deleteFrom('variables'), projectId)
    .where('key', '=', key)
    .where('environment_scope', '=', environmentScope)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

interface Filtered<Q> {
  where(column: 'project_id', operator: 'is', value: null): Q;
  where(column: 'project_id', operator: '=', value: number): Q;
}

function within<Q>(query: Filtered<Q>, projectId: number | null): Q {
  return projectId === null
    ? query.where('project_id', 'is', null)
    : query.where('project_id', '=', projectId);
}

type VariableRow = Omit<VariablesTable, 'id'> & { readonly id: number };

function variableOf(row: VariableRow): StoredVariable {
  return {
    key: row.key,
    value: row.value,
    environmentScope: row.environment_scope,
    kind: row.kind === 'file' ? 'file' : 'env_var',
    protected: row.protected === 1,
    masked: row.masked === 1,
    hidden: row.hidden === 1,
    raw: row.raw === 1,
    description: row.description,
  };
}
