import { basename } from 'node:path/posix';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../../base/app-error.ts';
import { openZipFile, type ZippedFile } from '../../../runner/index.ts';
import { artifactsOf, type JobRow, type StoredArtifact } from '../../../store/index.ts';
import { zipIn } from '../../artifacts/zip-in.ts';
import { readFrom } from '../../broker/read-from.ts';
import { byteRange } from '../../runner-api/byte-range.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import type { ServerParts } from '../../server-parts.ts';

type Parts = Pick<ServerParts, 'store' | 'blobs' | 'clock'>;
type Reply = Pick<FastifyReply, 'code' | 'headers' | 'send'>;

/** Sends a job's archive as it is kept, or the part of it that a Range asks for. 404 when the job has none. */
export async function sendArchive(
  parts: Parts,
  job: JobRow,
  request: Pick<FastifyRequest, 'headers'>,
  reply: Reply,
): Promise<unknown> {
  const archive = await archiveOf(parts, job);
  const range = byteRange(request.headers.range, archive.size);
  if (range === 'unsatisfiable') {
    throw new Refusal(416, '416 Range Not Satisfiable', { 'Content-Range': `bytes */${archive.size}` });
  }
  const { start, end } = range ?? { start: 0, end: archive.size };
  return reply
    .code(range === null ? 200 : 206)
    .headers({
      ...(range === null ? {} : { 'Content-Range': `bytes ${start}-${end - 1}/${archive.size}` }),
      ...downloadHeaders(archive.name),
      'Accept-Ranges': 'bytes',
      'Content-Length': String(end - start),
    })
    .send(readFrom(parts.blobs, archive.blob, { from: start, to: end }));
}

/** Sends one file of a job's archive, unpacked on the way. 404 when there is none at this path. */
export async function sendFile(parts: Parts, job: JobRow, path: string, reply: Reply): Promise<unknown> {
  const archive = await archiveOf(parts, job);
  const file = await fileIn(parts, archive, path);
  if (file === null) throw new Refusal(404, '404 Not found');
  return reply
    .code(200)
    .headers({ ...downloadHeaders(basename(path)), 'Content-Length': String(file.bytes) })
    .send(Readable.from(file.content, { objectMode: false }));
}

async function archiveOf({ store, clock }: Parts, { id }: JobRow): Promise<StoredArtifact> {
  const [archive] = await store.read((db) => artifactsOf(db, [id], { type: 'archive', now: clock.now() }));
  if (archive === undefined) throw new Refusal(404, '404 Not found');
  return archive;
}

async function fileIn({ blobs }: Parts, archive: StoredArtifact, path: string): Promise<ZippedFile | null> {
  if (path.endsWith('/')) return null;
  try {
    return await openZipFile(zipIn(blobs, archive), path);
  } catch (error) {
    // Whatever a job called its archive: what is no zip file has no files.
    if (error instanceof AppError && error.code === 'archive-damaged') return null;
    throw error;
  }
}

/** Never shown by a browser as a page of ours: a job has written it. */
function downloadHeaders(name: string): Readonly<Record<string, string>> {
  const plain = name.replace(/[^A-Za-z0-9._-]/g, '_').slice(-200) || 'artifact';
  return {
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': `attachment; filename="${plain}"`,
    'X-Content-Type-Options': 'nosniff',
  };
}
