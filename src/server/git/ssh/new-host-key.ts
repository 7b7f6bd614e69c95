import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

/** A new key pair of Ed25519 in OpenSSH's format of private keys (its PROTOCOL.key), without a passphrase. */
export function newHostKey(comment: string): string {
  return openSshPrivateKey(generateKeyPairSync('ed25519').privateKey, comment);
}

export function openSshPrivateKey(key: KeyObject, comment: string): string {
  const { d = '', x = '' } = key.export({ format: 'jwk' });
  const [seed, point] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')];
  // The same number twice: whoever decrypts with a wrong passphrase sees two.
  const check = randomBytes(4);
  const secret = Buffer.concat([
    ...[check, check, string(TYPE), string(point)],
    ...[string(Buffer.concat([seed, point])), string(Buffer.from(comment))],
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1));
  const none = string(Buffer.from('none'));
  const count = Buffer.from([0, 0, 0, 1]);
  const whole = Buffer.concat([
    ...[Buffer.from('openssh-key-v1\0'), none, none, string(Buffer.alloc(0)), count],
    ...[string(Buffer.concat([string(TYPE), string(point)])), string(Buffer.concat([secret, padding]))],
  ]);
  const lines = whole.toString('base64').replace(/.{70}/g, '$&\n').trimEnd();
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

const TYPE = Buffer.from('ssh-ed25519');

function string(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
