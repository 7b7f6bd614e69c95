import type { CreateSshKey } from '../../../protocol/index.ts';
import type { NewSshKey, StoredSshKey } from '../../../store/index.ts';
import { readSshKey } from '../../git/index.ts';
import { time, timeOrNull } from '../views/times.ts';

export type ReadNewKey =
  | { readonly kind: 'key'; readonly key: NewSshKey }
  /** In the form in which GitLab says what is wrong with a field. */
  | { readonly kind: 'invalid'; readonly message: Readonly<Record<string, readonly string[]>> };

/** What a request says of a key that is to be kept. */
export function readNewKey(
  { title, key, expires_at: until }: CreateSshKey,
  kind: StoredSshKey['kind'],
  now: number,
): ReadNewKey {
  const read = readSshKey(key);
  if (read.kind === 'refused') return { kind: 'invalid', message: { key: [`is invalid: ${read.why}`] } };
  const expiresAt = until === undefined ? null : Date.parse(until);
  if (expiresAt !== null && expiresAt <= now) {
    return { kind: 'invalid', message: { expires_at: ['must be in the future'] } };
  }
  const { type, blob, fingerprint } = read.key;
  return { kind: 'key', key: { kind, title, publicKey: `${type} ${blob}`, fingerprint, expiresAt, now } };
}

export const TAKEN = { fingerprint_sha256: ['has already been taken'] } as const;

/** The fields that all keys are shown with. */
export function keyFields(key: StoredSshKey) {
  return {
    id: key.id,
    title: key.title,
    key: key.publicKey,
    fingerprint_sha256: key.fingerprint,
    created_at: time(key.createdAt),
    expires_at: timeOrNull(key.expiresAt),
    last_used_at: timeOrNull(key.lastUsedAt),
  };
}
