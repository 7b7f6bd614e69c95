/** A text in its parts. `end`s are exclusive; nothing of the text is lost. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** `$NAME`, `${NAME}`, or with an operation, `${NAME:-x}`. */
  | {
      readonly kind: 'reference';
      readonly name: string;
      readonly operation: Operation | null;
      readonly start: number;
      readonly end: number;
    }
  /** `${NAME…}` with something behind the name that is no operation; it stays as it is. */
  | { readonly kind: 'unknown'; readonly name: string; readonly start: number; readonly end: number };

/** What is done with a value, as bash writes it. Words are texts with substitutions of their own. */
export type Operation =
  | {
      readonly kind: 'default';
      readonly sign: '-' | '+' | '=' | '?';
      readonly orEmpty: boolean;
      readonly word: string;
    }
  | { readonly kind: 'slice'; readonly offset: number; readonly length: number | null }
  | {
      readonly kind: 'trim';
      readonly end: 'prefix' | 'suffix';
      readonly longest: boolean;
      readonly pattern: string;
    }
  | {
      readonly kind: 'replace';
      readonly where: 'first' | 'all' | 'prefix' | 'suffix';
      readonly pattern: string;
      readonly by: string;
    }
  | { readonly kind: 'case'; readonly to: 'upper' | 'lower'; readonly all: boolean; readonly pattern: string }
  | { readonly kind: 'length' };

const NAME = /[A-Z_][A-Z0-9_]*/y;

/**
 * The references in a text. `$$` is a dollar; a dollar before anything but a name in capital letters is itself, as in
 * shell scripts. With `dynamic`, references may have operations.
 */
export function parseTemplate(text: string, dynamic: boolean): readonly Part[] {
  const parts: Part[] = [];
  let plain = '';
  let at = 0;
  const flush = (): void => {
    if (plain !== '') parts.push({ kind: 'text', text: plain });
    plain = '';
  };
  while (at < text.length) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0) break;
    plain += text.slice(at, dollar);
    if (text[dollar + 1] === '$') {
      plain += '$';
      at = dollar + 2;
      continue;
    }
    const part = referenceAt(text, dollar, dynamic);
    if (part === null) {
      plain += '$';
      at = dollar + 1;
      continue;
    }
    flush();
    parts.push(part);
    at = part.end;
  }
  plain += text.slice(at);
  flush();
  return parts;
}

type Found = Exclude<Part, { readonly kind: 'text' }>;

function referenceAt(text: string, start: number, dynamic: boolean): Found | null {
  const braced = text[start + 1] === '{';
  const counted = braced && dynamic && text[start + 2] === '#';
  const nameStart = start + (counted ? 3 : braced ? 2 : 1);
  const name = nameAt(text, nameStart);
  if (name === null) return null;
  const after = nameStart + name.length;
  if (!braced) return { kind: 'reference', name, operation: null, start, end: after };
  if (text[after] === '}') {
    const operation: Operation | null = counted ? { kind: 'length' } : null;
    return { kind: 'reference', name, operation, start, end: after + 1 };
  }
  if (!dynamic || counted) return null;
  const close = closingBrace(text, after);
  if (close < 0) return null;
  const operation = readOperation(text.slice(after, close));
  return operation === null
    ? { kind: 'unknown', name, start, end: close + 1 }
    : { kind: 'reference', name, operation, start, end: close + 1 };
}

function nameAt(text: string, at: number): string | null {
  NAME.lastIndex = at;
  return NAME.exec(text)?.[0] ?? null;
}

/** Longer operations are none: finding the end of every `${` would take time by the square of the text. */
const MAX_OPERATION = 4_000;

/** Where the brace that was open before `from` is closed; -1: nowhere near. */
function closingBrace(text: string, from: number): number {
  let depth = 1;
  const limit = Math.min(text.length, from + MAX_OPERATION);
  for (let at = from; at < limit; at++) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === '$' && text[at + 1] === '{') {
      depth += 1;
      at += 1;
    } else if (char === '}') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return -1;
}

/** What stands between the name and the closing brace; null: nothing that is known. */
export function readOperation(text: string): Operation | null {
  const [, colon, sign, word] = /^(:?)([-+=?])(.*)$/s.exec(text) ?? [];
  if (sign === '-' || sign === '+' || sign === '=' || sign === '?')
    return { kind: 'default', sign, orEmpty: colon === ':', word: word ?? '' };
  const slice = /^:\s*(\d+|\s-\d+|\(-\d+\))\s*(?::\s*(-?\d+)\s*)?$/.exec(text) ?? SLICE_BACK.exec(text);
  if (slice !== null) {
    const [, offset = '', length] = slice;
    return {
      kind: 'slice',
      offset: Number(offset.replace(/[\s()]/g, '')),
      length: length === undefined ? null : Number(length),
    };
  }
  const [, marks, pattern = ''] = /^(##?|%%?)(.*)$/s.exec(text) ?? [];
  if (marks !== undefined)
    return {
      kind: 'trim',
      end: marks.startsWith('#') ? 'prefix' : 'suffix',
      longest: marks.length === 2,
      pattern,
    };
  if (text.startsWith('/')) return readReplace(text);
  const [, carets, letters = ''] = /^(\^\^?|,,?)(.*)$/s.exec(text) ?? [];
  if (carets !== undefined)
    return {
      kind: 'case',
      to: carets.startsWith('^') ? 'upper' : 'lower',
      all: carets.length === 2,
      pattern: letters,
    };
  return null;
}

/** A negative offset needs a space before it, or it would be a default. */
const SLICE_BACK = /^:\s+(-\d+)\s*(?::\s*(-?\d+)\s*)?$/;

function readReplace(text: string): Operation {
  const mark = text[1];
  const where = mark === '/' ? 'all' : mark === '#' ? 'prefix' : mark === '%' ? 'suffix' : 'first';
  const rest = text.slice(where === 'first' ? 1 : 2);
  // The first character belongs to the pattern whatever it is: `${A///x}` replaces slashes.
  let at = 1;
  for (let depth = 0; at < rest.length; at++) {
    if (rest[at - 1] === '\\' && at >= 1) continue;
    if (rest[at] === '{' && rest[at - 1] === '$') depth += 1;
    else if (rest[at] === '}' && depth > 0) depth -= 1;
    else if (rest[at] === '/' && depth === 0) break;
  }
  return { kind: 'replace', where, pattern: rest.slice(0, at), by: rest.slice(at + 1) };
}
