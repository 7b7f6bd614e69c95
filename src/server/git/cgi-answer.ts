import type { Readable } from 'node:stream';
import { takeStart } from './take-start.ts';

export interface CgiAnswer {
  readonly status: number;
  /** The few that git's program says and a client needs. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Buffer>;
}

/**
 * Reads what a CGI program (RFC 3875, section 6) answers with; null when it ended before it said anything, or says what
 * is no answer.
 */
export async function readCgiAnswer(stdout: Readable): Promise<CgiAnswer | null> {
  let seen = Buffer.alloc(0);
  const start = await takeStart(stdout, (chunk) => {
    seen = Buffer.concat([seen, chunk]);
    return seen.length > MAX_HEAD || endOfHead(seen) !== null;
  });
  const end = endOfHead(start.bytes);
  if (end === null) return null;
  let status = 200;
  const headers: Record<string, string> = {};
  for (const line of start.bytes.toString('latin1', 0, end.at).split(/\r?\n/)) {
    const [, name = '', value = ''] = /^([A-Za-z-]+): *(.*)$/.exec(line) ?? [];
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10) || 500;
    else if (PASSED_ON.has(name.toLowerCase())) headers[name] = value;
  }
  return { status, headers, body: chained(start.bytes.subarray(end.bodyAt), stdout) };
}

async function* chained(first: Buffer, rest: Readable): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  for await (const chunk of rest) yield chunk;
}

function endOfHead(bytes: Buffer): { readonly at: number; readonly bodyAt: number } | null {
  const found = /\r?\n\r?\n/.exec(bytes.toString('latin1', 0, MAX_HEAD));
  return found === null ? null : { at: found.index, bodyAt: found.index + found[0].length };
}

const MAX_HEAD = 16_384;
const PASSED_ON: ReadonlySet<string> = new Set(['content-type', 'expires', 'pragma', 'cache-control']);
