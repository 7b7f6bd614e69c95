/** The key itself. Throws an Error for one that could lead out of its folder or that not every storage takes. */
export function checkedKey(key: string): string {
  if (!isBlobKey(key)) throw new Error(`Not a key of a blob: ${JSON.stringify(key)}`);
  return key;
}

export function isBlobKey(key: string): boolean {
  return key.length <= MAX_LENGTH && KEY.test(key);
}

/** Every file system and S3 take it, with what is put before and behind it. */
const MAX_LENGTH = 800;
const KEY = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}(\/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199})*$/;
