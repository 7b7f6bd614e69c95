import { randomBytes } from 'node:crypto';

/** GitLab's prefixes, by which runners and scanners of secrets know what a token is. */
export type TokenPrefix = 'glrt' | 'glrtr' | 'glcbt' | 'glpat' | 'glptt' | 'GR1348941';

/** A new token: 160 bits of chance. */
export function newToken(prefix: TokenPrefix): string {
  const secret = randomBytes(20).toString('base64url');
  return prefix === 'GR1348941' ? `${prefix}${secret}` : `${prefix}-${secret}`;
}
