import { Readable } from 'node:stream';
import type { Clock } from '../../../base/clock.ts';
import { isCompleted, JOB_STATUSES } from '../../../pipeline/index.ts';
import { type Blobs, jobById, type Store } from '../../../store/index.ts';
import { traceKey } from '../../broker/trace-marks.ts';
import { byteRange } from '../../runner-api/byte-range.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import type { RestScope } from '../rest-scope.ts';
import { jobIn } from './job-in.ts';

/**
 * A job's log, as far as it is written. With `follow` the answer goes on until the job is over, so that nobody has to ask
 * again and again; who lost the connection goes on from where they were with a Range.
 */
export function traceRoute({ api, parts, schemas, access }: RestScope): void {
  const { JobParams, TraceQuery } = schemas;
  const { store, blobs } = parts;

  api.get(
    '/projects/:id/jobs/:job_id/trace',
    { schema: { summary: "A job's log", params: JobParams, querystring: TraceQuery } },
    async (request, reply) => {
      const project = await access.project(request, request.params.id);
      const { id, status } = await jobIn(store, project, request.params.job_id);
      const key = traceKey(id);
      const size = await blobs.traces.size(key);
      reply.headers({ 'Content-Type': 'text/plain; charset=utf-8', 'Accept-Ranges': 'bytes' });
      if (request.query.follow === true && !isOver(status)) {
        const start = startOf(request.headers.range);
        request.raw.socket.setTimeout(0);
        const gone = new AbortController();
        request.raw.once('close', () => gone.abort());
        // Headers go out before there is a word of the job: whoever asks knows that it was heard.
        reply.code(start === 0 ? 200 : 206).header('Cache-Control', 'no-store');
        return reply.send(Readable.from(follow({ ...parts, id, signal: gone.signal }, start)));
      }
      const range = byteRange(request.headers.range, size);
      if (range === 'unsatisfiable') {
        throw new Refusal(416, '416 Range Not Satisfiable', { 'Content-Range': `bytes */${size}` });
      }
      const { start, end } = range ?? { start: 0, end: size };
      if (range !== null) reply.header('Content-Range', `bytes ${start}-${end - 1}/${size}`);
      // As long as it is said to be, whatever is added meanwhile.
      reply.code(range === null ? 200 : 206).header('Content-Length', String(end - start));
      return reply.send(
        Readable.from(blobs.traces.read(key, { from: start, to: end }), { objectMode: false }),
      );
    },
  );
}

interface Following {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly id: number;
  readonly signal: AbortSignal;
}

/** What is there, and then what comes, until nothing can come any more. */
async function* follow(
  { store, blobs, clock, id, signal }: Following,
  from: number,
): AsyncGenerator<Uint8Array> {
  const key = traceKey(id);
  let at = from;
  let pauseMs = SHORTEST_PAUSE_MS;
  while (!signal.aborted) {
    // Asked before reading: what is written before a job is over is read after it was seen to be.
    const job = await store.read((db) => jobById(db, id));
    const before = at;
    for await (const chunk of blobs.traces.read(key, { from: at })) {
      at += chunk.length;
      yield chunk;
    }
    if (job === null || isOver(job.status)) return;
    pauseMs = at > before ? SHORTEST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    await pause(clock, pauseMs, signal);
  }
}

const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1000;

function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(milliseconds, done);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}

function isOver(status: string): boolean {
  const known = JOB_STATUSES.find((one) => one === status);
  return known !== undefined && isCompleted(known);
}

/** Only `bytes=N-` makes sense of something without an end. */
function startOf(range: string | undefined): number {
  const [, from] = /^bytes=(\d{1,15})-$/.exec(range ?? '') ?? [];
  return from === undefined ? 0 : Number(from);
}
