import type { TokensTable } from '../schema/tables.ts';
import type { Db } from '../store.ts';

/** What lets somebody in. Of the token itself only a hash is kept. */
export interface StoredToken {
  readonly id: number;
  /** `personal`: an administrator's. `project`: for one project. `registration`: registers runners. */
  readonly kind: 'personal' | 'project' | 'registration';
  readonly name: string;
  readonly projectId: number | null;
  readonly scopes: readonly string[];
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly lastUsedAt: number | null;
  readonly createdAt: number;
}

export interface NewToken {
  readonly kind: StoredToken['kind'];
  readonly name: string;
  readonly projectId: number | null;
  readonly tokenHash: string;
  readonly scopes: readonly string[];
  readonly expiresAt: number | null;
  readonly now: number;
}

export async function createToken(db: Db, token: NewToken): Promise<StoredToken> {
  const row = await db
    .insertInto('tokens')
    .values({
      kind: token.kind,
      name: token.name,
      project_id: token.projectId,
      token_hash: token.tokenHash,
      scopes: JSON.stringify(token.scopes),
      expires_at: token.expiresAt,
      created_at: token.now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return tokenOf(row);
}

/** Null: none that is good at `now`. */
export async function tokenByHash(db: Db, tokenHash: string, now: number): Promise<StoredToken | null> {
  const row = await db
    .selectFrom('tokens')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst();
  if (row === undefined || row.revoked_at !== null) return null;
  return row.expires_at !== null && row.expires_at <= now ? null : tokenOf(row);
}

/** A token has let somebody in. */
export async function noteTokenUse(db: Db, id: number, now: number): Promise<void> {
  await db.updateTable('tokens').set({ last_used_at: now }).where('id', '=', id).execute();
}

/** `projectId` null: those of no project. The newest last, revoked ones too. */
export async function listTokens(db: Db, projectId: number | null): Promise<readonly StoredToken[]> {
  const query = db.selectFrom('tokens').selectAll().orderBy('id');
  const rows = await (projectId === null
    ? query.where('project_id', 'is', null)
    : query.where('project_id', '=', projectId)
  ).execute();
  return rows.map(tokenOf);
}

/** False: there is none, or it was revoked before. */
export async function revokeToken(db: Db, id: number, now: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('tokens')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

const KINDS = ['personal', 'project', 'registration'] as const;

type TokenRow = Omit<TokensTable, 'id'> & { readonly id: number };

function tokenOf(row: TokenRow): StoredToken {
  const scopes: string[] = JSON.parse(row.scopes);
  return {
    id: row.id,
    kind: KINDS.find((kind) => kind === row.kind) ?? 'project',
    name: row.name,
    projectId: row.project_id,
    scopes,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
    createdAt: row.created_at,
  };
}
