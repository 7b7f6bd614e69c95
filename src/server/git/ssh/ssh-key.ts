import { createHash, createPublicKey } from 'node:crypto';
import type { GitKey } from '../ports.ts';

/** A public key as people have it in `~/.ssh/id_ed25519.pub`, or why it is none that can be used here. */
export type ReadSshKey =
  | { readonly kind: 'key'; readonly key: GitKey; readonly comment: string }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Reads `TYPE BASE64 COMMENT` for whoever registers keys: Ed25519, ECDSA, and RSA of 2048 bits or more. A private key that
 * somebody pasted by mistake is refused, and nothing of it repeated.
 */
export function readSshKey(text: string): ReadSshKey {
  const line = text.trim();
  if (line.includes('PRIVATE KEY')) return refused('this is a private key: it is for nobody but you');
  const [, type = '', encoded = '', comment = ''] =
    /^([a-z0-9@.-]{1,60})[ \t]+([A-Za-z0-9+/]{40,8000}={0,2})(?:[ \t]+([^\r\n]{0,500}))?$/.exec(line) ?? [];
  if (type === '') return refused('this is no public key of one line, `TYPE KEY COMMENT`');
  if (!isKeyType(type)) return refused(`keys of the type ${type} are not supported: make one of ssh-ed25519`);
  const blob = Buffer.from(encoded, 'base64');
  const key = keyOf(type, blob);
  const why = whyUnusable(type, blob);
  return why === null ? { kind: 'key', key, comment } : refused(why);
}

/** Types that can be shown to belong to somebody; of RSA not with SHA-1. */
export function isKeyType(type: string): boolean {
  return Object.hasOwn(CURVES, type) || type === 'ssh-ed25519' || type === 'ssh-rsa';
}

export function keyOf(type: string, blob: Buffer): GitKey {
  return { type, blob: blob.toString('base64'), fingerprint: fingerprintOf(blob) };
}

/** `SHA256:…`, as `ssh-keygen -l` prints it. */
export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

function refused(why: string): ReadSshKey {
  return { kind: 'refused', why };
}

const CURVES: Readonly<Record<string, string>> = {
  'ecdsa-sha2-nistp256': 'P-256',
  'ecdsa-sha2-nistp384': 'P-384',
  'ecdsa-sha2-nistp521': 'P-521',
};

/** What is in the key fits what it is called (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4). */
function whyUnusable(type: string, blob: Buffer): string | null {
  const [name, ...rest] = stringsOf(blob) ?? [];
  const [first, second] = rest;
  if (name?.toString('latin1') !== type || first === undefined) return 'the key is cut off or damaged';
  if (type === 'ssh-ed25519') return isKey({ kty: 'OKP', crv: 'Ed25519', x: url(first) }, rest.length === 1);
  if (type === 'ssh-rsa') {
    if (second === undefined) return 'the key is cut off or damaged';
    const bits =
      second.length * 8 - Math.clz32(second[second[0] === 0 ? 1 : 0] ?? 0) + 24 - (second[0] === 0 ? 8 : 0);
    if (bits < 2048)
      return `an RSA key of ${bits} bits is too weak: it needs 2048, or make one of ssh-ed25519`;
    return bits > 16_384 ? 'an RSA key this long takes too much time' : null;
  }
  const half = second === undefined ? 0 : (second.length - 1) / 2;
  if (second?.[0] !== 4) return 'the key is cut off or damaged';
  const [x, y] = [url(second.subarray(1, 1 + half)), url(second.subarray(1 + half))];
  return isKey({ kty: 'EC', crv: CURVES[type] ?? '', x, y }, rest.length === 2);
}

function isKey(key: JsonWebKeyLike, isWhole: boolean): string | null {
  try {
    if (isWhole && createPublicKey({ key, format: 'jwk' }).type === 'public') return null;
  } catch {
    return 'the key is cut off or damaged'; // That is the question.
  }
  return 'the key is cut off or damaged';
}

interface JsonWebKeyLike {
  readonly [part: string]: string;
}

function url(bytes: Buffer): string {
  return bytes.toString('base64url');
}

/** Strings with their length in four bytes before each; null when they do not come out even. */
function stringsOf(blob: Buffer): readonly Buffer[] | null {
  const strings: Buffer[] = [];
  let at = 0;
  while (at + 4 <= blob.length) {
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return null;
    strings.push(blob.subarray(at + 4, end));
    at = end;
  }
  return at === blob.length ? strings : null;
}
