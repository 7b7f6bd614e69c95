import { createHash, timingSafeEqual } from 'node:crypto';

/** How a token is kept. Tokens are random and long, so a plain hash cannot be turned back. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** In a time that does not tell how much of the token was right. */
export function isToken(token: string, hash: string): boolean {
  const [given, kept] = [Buffer.from(hashToken(token)), Buffer.from(hash)];
  return given.length === kept.length && timingSafeEqual(given, kept);
}
