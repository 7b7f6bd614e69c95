import type { GitCredentials } from './ports.ts';

/** What stands in an `Authorization: Basic …` header; null when it is nothing of the kind, or longer than any. */
export function readBasicAuth(header: string): GitCredentials | null {
  if (header.length > MAX_HEADER) return null;
  const encoded = /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(header)?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const end = text.indexOf(':');
  return end === -1 ? null : { user: text.slice(0, end), password: text.slice(end + 1) };
}

/** A job token that is signed is the longest there is. */
const MAX_HEADER = 16_000;
