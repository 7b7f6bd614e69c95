import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { ArtifactFormat } from '../../../protocol/index.ts';
import type { ServerConnection, ServerReply } from '../server/connection.ts';
import { retryAfterMs } from '../server/job-calls.ts';
import { messageOf, readReply } from '../server/read-reply.ts';

export interface Upload {
  readonly jobId: number;
  readonly token: string;
  readonly type: string;
  readonly format: ArtifactFormat;
  readonly expireIn: string | null;
  readonly fileName: string;
  /** A file of this machine, and its size. */
  readonly path: string;
  readonly bytes: number;
  readonly signal: AbortSignal;
}

export interface Done<Value> {
  readonly kind: 'done';
  readonly value: Value;
}

/** `no`: the server will not, whenever it is asked. `later`: it may, after `afterMs`. */
export type Refused =
  | { readonly kind: 'no'; readonly status: number; readonly reason: string }
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs: number };

/** Sends one artifact; follows the server to another address once if it asks for that. */
export async function uploadArtifact(
  connection: ServerConnection,
  upload: Upload,
): Promise<Done<null> | Refused> {
  const query = new URLSearchParams({ artifact_type: upload.type, artifact_format: upload.format });
  if (upload.expireIn !== null) query.set('expire_in', upload.expireIn);
  let path = `jobs/${upload.jobId}/artifacts?${query}`;
  for (let hops = 0; ; hops += 1) {
    const reply = await connection.send(uploadRequest(upload, path, isOfServer(path, connection)));
    if (reply.kind === 'answer' && reply.status === 307 && hops < MOST_HOPS) {
      path = redirectedTo(reply, connection.api) ?? path;
      reply.body.resume();
      continue;
    }
    const answer = await readReply(reply);
    if (answer.kind === 'away') return { kind: 'later', reason: answer.reason, afterMs: 0 };
    if (answer.status === 200 || answer.status === 201) return { kind: 'done', value: null };
    return refusal(answer.status, messageOf(answer), answer.headers);
  }
}

/** The archive of another job, as it comes; null: it has none, or no longer. */
export async function downloadArtifact(
  connection: ServerConnection,
  { jobId, token, signal }: { readonly jobId: number; readonly token: string; readonly signal: AbortSignal },
): Promise<Done<Readable | null> | Refused> {
  let path = `jobs/${jobId}/artifacts?direct_download=true`;
  let headers: Readonly<Record<string, string>> = { 'JOB-TOKEN': token };
  for (let hops = 0; ; hops += 1) {
    const reply = await connection.send({ method: 'GET', path, headers, idleMs: IDLE_MS, signal });
    if (reply.kind === 'away') return { kind: 'later', reason: reply.reason, afterMs: 0 };
    if (reply.status === 200) return { kind: 'done', value: reply.body };
    if ((reply.status === 302 || reply.status === 307) && hops < MOST_HOPS) {
      path = redirectedTo(reply, connection.api) ?? path;
      // The token is for the server, not for where it keeps its files.
      headers = {};
      reply.body.resume();
      continue;
    }
    const answer = await readReply(reply);
    if (answer.kind === 'away') return { kind: 'later', reason: answer.reason, afterMs: 0 };
    if (answer.status === 404) return { kind: 'done', value: null };
    return refusal(answer.status, messageOf(answer), answer.headers);
  }
}

/** So long may nothing move of a file. */
const IDLE_MS = 60_000;
const MOST_HOPS = 3;

/** The token is for nobody else. */
function isOfServer(path: string, { api }: ServerConnection): boolean {
  return new URL(path, api).origin === api.origin;
}

function redirectedTo(reply: Extract<ServerReply, { kind: 'answer' }>, api: URL): string | null {
  return URL.parse(reply.headers.location ?? '', api.href)?.href ?? null;
}

function refusal(status: number, reason: string, headers: Readonly<Record<string, string>>): Refused {
  const mayPass = status >= 500 || status === 408 || status === 429;
  return mayPass ? { kind: 'later', reason, afterMs: retryAfterMs(headers) } : { kind: 'no', status, reason };
}

/** multipart/form-data (RFC 7578) with one part, `file`, whose length is known. */
function uploadRequest(upload: Upload, path: string, withToken: boolean) {
  const boundary = `slipway-${'-'.repeat(16)}${upload.jobId}`;
  const name = upload.fileName.replaceAll(/["\r\n\\]/g, '_');
  const head = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  async function* form(): AsyncGenerator<Buffer> {
    yield head;
    for await (const piece of createReadStream(upload.path, { highWaterMark: 256 * 1024 })) {
      if (Buffer.isBuffer(piece)) yield piece;
    }
    yield tail;
  }
  return {
    method: 'POST',
    path,
    headers: {
      ...(withToken ? { 'JOB-TOKEN': upload.token } : {}),
      Accept: 'application/json',
      'Content-Type': `multipart/form-data; boundary=${boundary}`,
      'Content-Length': String(head.length + upload.bytes + tail.length),
    },
    body: Readable.from(form(), { objectMode: false }),
    idleMs: IDLE_MS,
    signal: upload.signal,
  } as const;
}
