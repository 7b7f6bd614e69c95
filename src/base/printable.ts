/**
 * Text of a pipeline file, repository or log, safe to put on a terminal: each run of line breaks and tabs becomes a
 * space; other control characters, which could move the cursor or rewrite what was printed, and marks that reverse
 * the reading direction become visible signs.
 */
export function printable(text: string): string {
  if (!UNSAFE.test(text)) return text;
  return text.replaceAll(SPACES, ' ').replaceAll(UNSAFE_ALL, signFor);
}

/** The same, sign by sign, so that what stands at a column stays there. */
export function printableInPlace(text: string): string {
  return UNSAFE.test(text) ? text.replaceAll('\t', ' ').replaceAll(UNSAFE_ALL, signFor) : text;
}

function signFor(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}

const SPACES = /[\t\n\r\u0085\u2028\u2029]+/g;
/** C0, DEL, C1, and the line separators and directional marks of Unicode (UAX 9). */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const UNSAFE_ALL = new RegExp(UNSAFE, 'g');
