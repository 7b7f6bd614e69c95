import type { SourceFile } from './sources.ts';

/** Larger than any file that a person wrote; a whole file is read into memory. */
export const MAX_SOURCE_BYTES = 5_000_000;

/** The text of a file, or where it stops to be one. */
export function decodeSource(bytes: Uint8Array): SourceFile {
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { kind: 'not-utf8', ...placeOfBadByte(bytes) };
  }
}

/** In what stands before it, decoded: up to there it is UTF-8. */
function placeOfBadByte(bytes: Uint8Array): { readonly line: number; readonly column: number } {
  let [valid, invalid] = [0, bytes.length];
  while (invalid - valid > 1) {
    const middle = Math.floor((valid + invalid) / 2);
    if (isStartOfUtf8(bytes.subarray(0, middle))) valid = middle;
    else invalid = middle;
  }
  const lines = new TextDecoder('utf-8').decode(bytes.subarray(0, valid), { stream: true }).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

/** The last character may be cut. */
function isStartOfUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false; // That is the question.
  }
}
