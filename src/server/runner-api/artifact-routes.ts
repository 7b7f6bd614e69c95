import { pipeline, Transform } from 'node:stream';
import type { wireSchemas } from '../../protocol/index.ts';
import { jobOfToken, workingJob } from './authenticate.ts';
import { byteRange } from './byte-range.ts';
import { wantBody } from './expect-continue.ts';
import { JobParams } from './job-routes.ts';
import type { JobBroker } from './ports.ts';
import { Refusal } from './refusal.ts';
import type { RunnerApi } from './runner-api.ts';

/** Artifacts, streamed in both directions: no part of the server ever holds a whole one. */
export function artifactRoutes(
  api: RunnerApi,
  broker: JobBroker,
  { ArtifactQuery }: Awaited<ReturnType<typeof wireSchemas>>,
): void {
  api.post(
    '/jobs/:id/artifacts',
    { schema: { params: JobParams, querystring: ArtifactQuery }, bodyLimit: Number.MAX_SAFE_INTEGER },
    async (request, reply) => {
      const job = await workingJob(broker, request, request.params.id);
      if (!request.isMultipart()) throw new Refusal(400, 'The body is not multipart/form-data');
      if (Number(request.headers['content-length'] ?? 0) > job.artifactLimitBytes + FORM_BYTES)
        throw tooLarge();
      wantBody(request.raw, reply.raw);
      const part = await request.file({ limits: { fileSize: Number.MAX_SAFE_INTEGER, files: 1 } });
      if (part === undefined || part.fieldname !== 'file') throw new Refusal(400, 'There is no part "file"');
      const {
        artifact_type: type = 'archive',
        artifact_format: format = 'zip',
        expire_in: expireIn = null,
      } = request.query;
      const content = limited(job.artifactLimitBytes);
      // A failure of either reaches the broker as an error of `content`.
      pipeline(part.file, content, () => undefined);
      const fileName = plainName(part.filename);
      await broker.putArtifact(job.id, { type, format, fileName, expireIn }, content);
      return reply.code(201).send({ message: '201 Created' });
    },
  );

  api.get('/jobs/:id/artifacts', { schema: { params: JobParams } }, async (request, reply) => {
    const { id } = request.params;
    const job = await jobOfToken(broker, request);
    if (!(await broker.mayFetchFrom(job, id))) throw new Refusal(403, '403 Forbidden');
    const archive = await broker.archive(id);
    if (archive === null) throw new Refusal(404, '404 Not found');
    const range = byteRange(request.headers.range, archive.bytes);
    if (range === 'unsatisfiable') {
      throw new Refusal(416, '416 Range Not Satisfiable', { 'Content-Range': `bytes */${archive.bytes}` });
    }
    const { start, end } = range ?? { start: 0, end: archive.bytes };
    if (range !== null) reply.header('Content-Range', `bytes ${start}-${end - 1}/${archive.bytes}`);
    return reply
      .code(range === null ? 200 : 206)
      .headers({
        'Accept-Ranges': 'bytes',
        'Content-Type': 'application/octet-stream',
        'Content-Disposition': `attachment; filename="${plainName(archive.fileName)}"`,
        'Content-Length': String(end - start),
      })
      .send(archive.open(start, end));
  });
}

/** What a form adds to its file. */
const FORM_BYTES = 64 * 1024;

/** Fails, rather than ends, at the limit: nobody takes the first half for the whole. */
function limited(most: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > most) done(tooLarge());
      else done(null, chunk);
    },
  });
}

/** The rest of the body is not read. */
function tooLarge(): Refusal {
  return new Refusal(413, '413 Request Entity Too Large', { Connection: 'close' });
}

/** A name without folders, quotes or control characters. */
function plainName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]/g, '_').slice(-200) || 'artifact';
}
