import type { SshKeysTable } from '../schema/tables.ts';
import type { Db } from '../store.ts';

/** A public key that somebody or some machine comes with. */
export interface StoredSshKey {
  readonly id: number;
  /** `person`: the administrator's. `deploy`: of a machine, for the projects that it was let into. */
  readonly kind: 'person' | 'deploy';
  readonly title: string;
  /** `TYPE BASE64` */
  readonly publicKey: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly createdAt: number;
}

export interface NewSshKey {
  readonly kind: StoredSshKey['kind'];
  readonly title: string;
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly expiresAt: number | null;
  readonly now: number;
}

/** null: somebody has this key already. */
export async function createSshKey(db: Db, key: NewSshKey): Promise<StoredSshKey | null> {
  const row = await db
    .insertInto('ssh_keys')
    .values({
      kind: key.kind,
      title: key.title,
      public_key: key.publicKey,
      fingerprint: key.fingerprint,
      expires_at: key.expiresAt,
      created_at: key.now,
    })
    .onConflict((conflict) => conflict.column('fingerprint').doNothing())
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? null : keyOf(row);
}

/** null: none that is good at `now`. */
export async function sshKeyByFingerprint(
  db: Db,
  fingerprint: string,
  now: number,
): Promise<StoredSshKey | null> {
  const row = await db
    .selectFrom('ssh_keys')
    .selectAll()
    .where('fingerprint', '=', fingerprint)
    .executeTakeFirst();
  if (row === undefined || (row.expires_at !== null && row.expires_at <= now)) return null;
  return keyOf(row);
}

/** The administrator's keys, the newest last. */
export async function listPersonKeys(db: Db): Promise<readonly StoredSshKey[]> {
  const rows = await db
    .selectFrom('ssh_keys')
    .selectAll()
    .where('kind', '=', 'person')
    .orderBy('id')
    .execute();
  return rows.map(keyOf);
}

/** A deploy key as one project sees it. */
export interface DeployKey extends StoredSshKey {
  readonly canPush: boolean;
}

/** The deploy keys of a project, the newest last. */
export async function listDeployKeys(db: Db, projectId: number): Promise<readonly DeployKey[]> {
  const rows = await db
    .selectFrom('ssh_keys')
    .innerJoin('deploy_keys', 'deploy_keys.key_id', 'ssh_keys.id')
    .selectAll('ssh_keys')
    .select('can_push')
    .where('project_id', '=', projectId)
    .orderBy('ssh_keys.id')
    .execute();
  return rows.map((row) => ({ ...keyOf(row), canPush: row.can_push === 1 }));
}

/** Lets a deploy key into a project, or changes what it may do there. */
export async function letDeployKeyIn(
  db: Db,
  {
    keyId,
    projectId,
    canPush,
  }: { readonly keyId: number; readonly projectId: number; readonly canPush: boolean },
): Promise<void> {
  const can_push = canPush ? 1 : 0;
  await db
    .insertInto('deploy_keys')
    .values({ key_id: keyId, project_id: projectId, can_push })
    .onConflict((conflict) => conflict.columns(['key_id', 'project_id']).doUpdateSet({ can_push }))
    .execute();
}

/**
 * Lets a key into a project, be it new or a deploy key of other projects, which then keeps its title. null: it is a person's.
 */
export async function enableDeployKey(
  db: Db,
  key: NewSshKey,
  { projectId, canPush }: { readonly projectId: number; readonly canPush: boolean },
): Promise<DeployKey | null> {
  const row =
    (await createSshKey(db, key)) ??
    (await db
      .selectFrom('ssh_keys')
      .selectAll()
      .where('fingerprint', '=', key.fingerprint)
      .where('kind', '=', 'deploy')
      .executeTakeFirst()
      .then((found) => (found === undefined ? null : keyOf(found))));
  if (row === null) return null;
  await letDeployKeyIn(db, { keyId: row.id, projectId, canPush });
  return { ...row, canPush };
}

/** Takes a deploy key out of a project, and removes it with the last one. */
export async function takeDeployKeyOut(
  db: Db,
  { keyId, projectId }: { readonly keyId: number; readonly projectId: number },
): Promise<void> {
  await db
    .deleteFrom('deploy_keys')
    .where('key_id', '=', keyId)
    .where('project_id', '=', projectId)
    .execute();
  const left = await db
    .selectFrom('deploy_keys')
    .select('project_id')
    .where('key_id', '=', keyId)
    .limit(1)
    .executeTakeFirst();
  if (left === undefined) await removeSshKey(db, keyId);
}

/** What a deploy key may do in a project; null: nothing. */
export async function deployKeyAccess(
  db: Db,
  keyId: number,
  projectId: number,
): Promise<'read' | 'write' | null> {
  const row = await db
    .selectFrom('deploy_keys')
    .select('can_push')
    .where('key_id', '=', keyId)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  if (row === undefined) return null;
  return row.can_push === 1 ? 'write' : 'read';
}

export async function markSshKeyUsed(db: Db, id: number, now: number): Promise<void> {
  await db.updateTable('ssh_keys').set({ last_used_at: now }).where('id', '=', id).execute();
}

/** False: there is none. */
export async function removeSshKey(db: Db, id: number): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('ssh_keys').where('id', '=', id).executeTakeFirst();
  return numDeletedRows > 0n;
}

type SshKeyRow = Omit<SshKeysTable, 'id'> & { readonly id: number };

function keyOf(row: SshKeyRow): StoredSshKey {
  return {
    id: row.id,
    kind: row.kind === 'person' ? 'person' : 'deploy',
    title: row.title,
    publicKey: row.public_key,
    fingerprint: row.fingerprint,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    createdAt: row.created_at,
  };
}
