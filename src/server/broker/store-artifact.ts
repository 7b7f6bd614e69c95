import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import type { Clock } from '../../base/clock.ts';
import { parseDuration } from '../../base/duration.ts';
import { parseDotenvReport } from '../../runner/index.ts';
import {
  type Blobs,
  beginUpload,
  endUpload,
  jobById,
  type Outbox,
  replaceArtifact,
  type Store,
  type StoredBlob,
} from '../../store/index.ts';
import { orderBlobRemoval } from '../housekeeping/blob-removal.ts';
import { reportEntry } from '../reports/report-effects.ts';
import type { UploadedArtifact } from '../runner-api/ports.ts';
import { Refusal } from '../runner-api/refusal.ts';

interface ArtifactParts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly maxBytes: number;
}

/**
 * Keeps what a runner sends, whole or not at all, and then writes that it is there. A dotenv report is read at once: the
 * jobs after it want its variables. Tests and coverage are read later, by whoever takes that from the outbox.
 */
export async function storeArtifact(
  { store, blobs, outbox, clock, maxBytes }: ArtifactParts,
  jobId: number,
  artifact: UploadedArtifact,
  content: Readable,
): Promise<void> {
  const key = `artifacts/${Math.floor(jobId / 1000)}/${jobId}/${randomUUID()}`;
  await store.write(({ db }) => beginUpload(db, key, clock.now()));
  const { size, sha256 } = await put();
  const dotenv = artifact.type === 'dotenv' ? await readDotenv(blobs, key, artifact.format) : null;
  const now = clock.now();
  await store.write(async (tx) => {
    const { db } = tx;
    if (!(await endUpload(db, key))) throw new Refusal(503, 'The upload has taken too long');
    const job = await jobById(db, jobId);
    if (job === null) throw new Refusal(404, '404 Not found');
    if (dotenv !== null) await db.updateTable('jobs').set({ dotenv }).where('id', '=', jobId).execute();
    const entry = reportEntry(jobId, { type: artifact.type, format: artifact.format, blob: key });
    if (entry !== null) await outbox.append(tx, [entry]);
    const replaced = await replaceArtifact(db, {
      jobId,
      projectId: job.project_id,
      type: artifact.type,
      format: artifact.format,
      name: artifact.fileName,
      blob: key,
      size,
      sha256,
      expiresAt: expiryOf(artifact.expireIn, now),
      createdAt: now,
    });
    await orderBlobRemoval(outbox, tx, { blobs: replaced });
  });

  /** Nothing is kept of what was cut off, so nothing is left to look for. */
  async function put(): Promise<StoredBlob> {
    try {
      return await blobs.put(key, content, { maxBytes });
    } catch (error) {
      await store.write(({ db }) => endUpload(db, key));
      throw error;
    }
  }
}

/** null: never. Without a word of the job GitLab keeps artifacts for thirty days. */
function expiryOf(expireIn: string | null, now: number): number | null {
  if (expireIn === null || expireIn.trim() === '') return now + THIRTY_DAYS_MS;
  if (/^\s*never\s*$/i.test(expireIn)) return null;
  const seconds = parseDuration(expireIn);
  return seconds === null ? now + THIRTY_DAYS_MS : now + Math.round(seconds * 1000);
}

const THIRTY_DAYS_MS = 30 * 24 * 3600 * 1000;

async function readDotenv(blobs: Blobs, key: string, format: UploadedArtifact['format']): Promise<string> {
  const blob = await blobs.get(key);
  const chunks: Uint8Array[] = [];
  for await (const chunk of blob?.content ?? []) {
    chunks.push(chunk);
    if (chunks.reduce((sum, { length }) => sum + length, 0) > MAX_DOTENV_BYTES) {
      throw new Refusal(400, 'The dotenv report is too big');
    }
  }
  const bytes = unpacked(Buffer.concat(chunks), format);
  const { variables, problem } = parseDotenvReport(bytes);
  if (problem !== null) throw new Refusal(400, problem);
  return JSON.stringify(variables.map(({ key: name, value }) => [name, value]));
}

function unpacked(bytes: Buffer, format: UploadedArtifact['format']): Buffer {
  if (format !== 'gzip') return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_DOTENV_BYTES });
  } catch {
    // Too much of it, or no gzip: either way nothing that can be read.
    throw new Refusal(400, 'The dotenv report is no gzip, or too big');
  }
}

const MAX_DOTENV_BYTES = 64 * 1024;
