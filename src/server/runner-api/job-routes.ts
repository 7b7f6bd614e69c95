import { Type } from 'typebox';
import type { JobUpdate, wireSchemas } from '../../protocol/index.ts';
import { heldJob, jobOfToken, workingJob } from './authenticate.ts';
import type { JobBroker, JobRecord, TraceMark } from './ports.ts';
import { Refusal } from './refusal.ts';
import type { RunnerApi } from './runner-api.ts';

export const JobParams = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });

/** A job's trace as it grows, and its state. */
export function jobRoutes(
  api: RunnerApi,
  broker: JobBroker,
  { JobUpdate: Update }: Awaited<ReturnType<typeof wireSchemas>>,
): void {
  api.patch(
    '/jobs/:id/trace',
    { schema: { params: JobParams }, bodyLimit: MOST_TRACE_CHUNK_BYTES },
    async (request, reply) => {
      const job = await workingJob(broker, request, request.params.id);
      const start = startOf(request.headers['content-range']);
      const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
      if (start + bytes.length > job.traceLimitBytes) {
        // Runners stop at their own limit, which is lower: nothing good comes of a job that goes on in the dark.
        const ending = { reason: 'trace_size_exceeded', exitCode: null, traceProblem: null };
        await broker.finish(job.id, { status: 'failed', ...ending });
        throw new Refusal(403, 'The trace is larger than this server keeps', { 'Job-Status': 'failed' });
      }
      const appended = await broker.appendTrace(job.id, start, bytes);
      return reply
        .code(appended.kind === 'appended' ? 202 : 416)
        .headers({ ...statusHeaders(job), Range: `0-${appended.bytes}` })
        .send();
    },
  );

  api.put('/jobs/:id', { schema: { params: JobParams, body: Update } }, async (request, reply) => {
    const { body } = request;
    // `pending`: it has the job, and cannot begin it yet.
    const jobOf = body.state === 'pending' ? heldJob : workingJob;
    const job = await jobOf(broker, request, request.params.id, body.token);
    reply.headers(statusHeaders(job));
    if (body.state === 'pending' || body.state === 'running') {
      await broker.keepAlive(job);
      return reply.code(200).send({});
    }
    const traceProblem =
      differenceOf(body, await broker.trace(job.id)) === null
        ? null
        : differenceOf(body, await broker.trace(job.id, true));
    // Told once: a runner whose second sending differs too has a log that cannot be had, and a result that can.
    if (traceProblem !== null && (await broker.restartTrace(job.id))) throw new Refusal(412, traceProblem);
    const finished = await broker.finish(job.id, {
      status: body.state,
      reason: body.failure_reason ?? null,
      exitCode: body.exit_code ?? null,
      traceProblem,
    });
    return reply.code(finished === 'pending' ? 202 : 200).send({});
  });

  api.get('/job', async (request) => {
    const { id, status } = await jobOfToken(broker, request);
    return { id, status };
  });
}

/** Runners send at most 1 MiB at a time. */
const MOST_TRACE_CHUNK_BYTES = 4 * 1024 * 1024;

function statusHeaders({ status, traceIntervalSeconds }: JobRecord): Readonly<Record<string, string>> {
  return { 'Job-Status': status, 'X-GitLab-Trace-Update-Interval': String(traceIntervalSeconds) };
}

/** The end is not asked: the body says how much there is. */
function startOf(contentRange: string | undefined): number {
  const [, start] = /^(?:bytes )?(\d{1,15})-\d{1,15}/.exec(contentRange ?? '') ?? [];
  if (start === undefined) throw new Refusal(400, 'Content-Range is missing or is no range');
  return Number(start);
}

function differenceOf({ output, checksum }: JobUpdate, kept: TraceMark): string | null {
  const size = output?.bytesize;
  if (size !== undefined && size !== kept.bytes) return `The trace has ${kept.bytes} bytes, not ${size}`;
  const told = output?.checksum ?? checksum ?? '';
  const crc = `crc32:${kept.crc32.toString(16).padStart(8, '0')}`;
  return told.startsWith('crc32:') && told !== crc ? `The trace has ${crc}, not ${told}` : null;
}
