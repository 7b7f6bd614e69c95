import { createHash } from 'node:crypto';

/** `sha256-` and the digest in base64, as `integrity` of a remote include has it. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256-${createHash('sha256').update(bytes).digest('base64')}`;
}

export function isDigest(text: string): boolean {
  return /^sha256-[A-Za-z0-9+/]{43}=$/.test(text);
}
