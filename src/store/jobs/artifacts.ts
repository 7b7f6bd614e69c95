import type { ArtifactsTable } from '../schema/tables.ts';
import type { Db } from '../store.ts';

/** A file that a job has left: its archive, or a report. */
export interface StoredArtifact {
  readonly id: number;
  readonly jobId: number;
  readonly projectId: number;
  /** `archive`, or the report's type. */
  readonly type: string;
  readonly format: 'zip' | 'gzip' | 'raw';
  readonly name: string;
  /** Its key among the blobs. */
  readonly blob: string;
  readonly size: number;
  readonly sha256: string | null;
  readonly expiresAt: number | null;
  readonly createdAt: number;
}

export type NewArtifact = Omit<StoredArtifact, 'id'>;

/** Keeps it in place of the one of the same type; answers with the keys of the blobs that nobody names any more. */
export async function replaceArtifact(db: Db, artifact: NewArtifact): Promise<readonly string[]> {
  const old = await db
    .deleteFrom('artifacts')
    .where('job_id', '=', artifact.jobId)
    .where('type', '=', artifact.type)
    .returning('blob')
    .execute();
  await db
    .insertInto('artifacts')
    .values({
      job_id: artifact.jobId,
      project_id: artifact.projectId,
      type: artifact.type,
      format: artifact.format,
      name: artifact.name,
      blob: artifact.blob,
      size: artifact.size,
      sha256: artifact.sha256,
      access: 'all',
      expires_at: artifact.expiresAt,
      created_at: artifact.createdAt,
    })
    .execute();
  return old.map(({ blob }) => blob);
}

/** Of these jobs, of one type or all; those that expired at `now` and are not kept all the same are left out. */
export async function artifactsOf(
  db: Db,
  jobIds: readonly number[],
  { type, now }: { readonly type?: string; readonly now: number },
): Promise<readonly StoredArtifact[]> {
  const found: StoredArtifact[] = [];
  for (let from = 0; from < jobIds.length; from += JOBS_AT_ONCE) {
    let query = db
      .selectFrom('artifacts')
      .selectAll()
      .where('job_id', 'in', jobIds.slice(from, from + JOBS_AT_ONCE))
      .where((row) =>
        row.or([row('expires_at', 'is', null), row('expires_at', '>', now), row('locked', '=', 1)]),
      )
      .orderBy('id');
    if (type !== undefined) query = query.where('type', '=', type);
    for (const row of await query.execute()) found.push(artifactOf(row));
  }
  return found;
}

const JOBS_AT_ONCE = 1000;

/** Takes away the time at which a job's artifacts expire. False: it has none any more. */
export async function releaseArtifacts(db: Db, jobId: number, now: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('artifacts')
    .set({ expires_at: null })
    .where('job_id', '=', jobId)
    .where((row) =>
      row.or([row('expires_at', 'is', null), row('expires_at', '>', now), row('locked', '=', 1)]),
    )
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

type ArtifactRow = Omit<ArtifactsTable, 'id' | 'locked'> & { readonly id: number };

function artifactOf(row: ArtifactRow): StoredArtifact {
  return {
    id: row.id,
    jobId: row.job_id,
    projectId: row.project_id,
    type: row.type,
    format: row.format === 'zip' || row.format === 'gzip' ? row.format : 'raw',
    name: row.name,
    blob: row.blob,
    size: row.size,
    sha256: row.sha256,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
  };
}
