import type { ServerReply } from './connection.ts';

/** An answer that has been read whole. */
export interface WholeAnswer {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Reads a reply to its end; one that breaks off, or is larger than `most` bytes, is none. */
export async function readReply(
  reply: ServerReply,
  most: number = MOST_BYTES,
): Promise<WholeAnswer | Extract<ServerReply, { readonly kind: 'away' }>> {
  if (reply.kind === 'away') return reply;
  const { kind, status, headers, body } = reply;
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of body) {
      if (!Buffer.isBuffer(piece)) continue;
      bytes += piece.length;
      if (bytes > most) return { kind: 'away', reason: `it answered with more than ${most} bytes` };
      pieces.push(piece);
    }
  } catch (error) {
    return { kind: 'away', reason: error instanceof Error ? error.message : String(error) };
  }
  return { kind, status, headers, text: Buffer.concat(pieces).toString('utf8') };
}

/** What a server says to a runner is short; only a job is larger. */
const MOST_BYTES = 1024 * 1024;

/** The value of a JSON text; null for anything else. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // A proxy's page, for example: its status says enough.
  }
}

/** What a server's error says to a person, one line; its status where it says nothing. */
export function messageOf({ status, text }: WholeAnswer): string {
  const value = parseJson(text);
  const message = fieldOf(value, 'message') ?? fieldOf(value, 'error');
  return typeof message === 'string' ? message.slice(0, 300) : `it answers ${status}`;
}

export function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}
