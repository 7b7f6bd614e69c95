/**
 * Text of a pipeline file or repository, safe to put on a terminal: control characters, which could move the cursor
 * or rewrite what was printed, and marks that reverse the reading direction become visible signs. Newlines and tabs
 * become a space.
 */
export function printable(text: string): string {
  if (!UNSAFE.test(text)) return text;
  return text.replaceAll(/[\t\n\r]+/g, ' ').replaceAll(UNSAFE_ALL, signFor);
}

function signFor(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}

const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const UNSAFE_ALL = new RegExp(UNSAFE, 'g');
