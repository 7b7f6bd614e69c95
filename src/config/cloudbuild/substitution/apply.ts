import { matchEnds, parseGlob, type Work } from './glob.ts';
import type { Operation } from './parse.ts';

/**
 * What an operation makes of a value, as bash would in the C locale. `null` is a name without a value. `expand` fills in
 * the substitutions of a word. The answer `fault` is what `${NAME:?word}` says.
 */
export function applyOperation(
  value: string | null,
  operation: Operation,
  expand: (word: string) => string,
  work: Work,
): { readonly text: string } | { readonly fault: string } {
  if (operation.kind === 'default') return applyDefault(value, operation, expand);
  if (value === null) return { text: operation.kind === 'length' ? '0' : '' };
  const chars = Array.from(value);
  switch (operation.kind) {
    case 'length':
      return { text: String(chars.length) };
    case 'slice':
      return slice(chars, operation.offset, operation.length);
    case 'trim':
      return { text: trim(chars, operation, expand, work) };
    case 'replace':
      return { text: replace(chars, operation, expand, work) };
    case 'case':
      return { text: changeCase(chars, operation, expand, work) };
  }
}

function applyDefault(
  value: string | null,
  { sign, orEmpty, word }: Extract<Operation, { readonly kind: 'default' }>,
  expand: (word: string) => string,
): { readonly text: string } | { readonly fault: string } {
  const missing = value === null || (orEmpty && value === '');
  if (sign === '+') return { text: missing ? '' : expand(unquoted(word)) };
  if (!missing) return { text: value };
  if (sign === '?') return { fault: expand(unquoted(word)) || 'it has no value' };
  return { text: expand(unquoted(word)) };
}

/** A backslash before a character that means something, and quotes around parts, are not kept. */
function unquoted(word: string): string {
  return word.replace(/\\([\\}"'])|"|'/g, '$1');
}

function slice(
  chars: readonly string[],
  offset: number,
  length: number | null,
): { readonly text: string } | { readonly fault: string } {
  const from = offset < 0 ? chars.length + offset : offset;
  if (from < 0 || from > chars.length) return { text: '' };
  if (length === null) return { text: chars.slice(from).join('') };
  if (length >= 0) return { text: chars.slice(from, from + length).join('') };
  const to = chars.length + length;
  return to < from
    ? { fault: 'the part that is asked for ends before it begins' }
    : { text: chars.slice(from, to).join('') };
}

function trim(
  chars: readonly string[],
  { end, longest, pattern }: Extract<Operation, { readonly kind: 'trim' }>,
  expand: (word: string) => string,
  work: Work,
): string {
  const glob = parseGlob(unquotedPattern(expand(pattern)));
  if (end === 'prefix') {
    const ends = matchEnds(glob, chars, 0, work);
    if (ends === null) return chars.join('');
    return chars.slice(longest ? ends.longest : ends.shortest).join('');
  }
  let start = -1;
  for (let at = chars.length; at >= 0; at--) {
    if (matchEnds(glob, chars, at, work)?.longest !== chars.length) continue;
    start = at;
    if (!longest) break;
  }
  return start < 0 ? chars.join('') : chars.slice(0, start).join('');
}

function replace(
  chars: readonly string[],
  { where, pattern, by }: Extract<Operation, { readonly kind: 'replace' }>,
  expand: (word: string) => string,
  work: Work,
): string {
  const text = expand(pattern);
  const replacement = expand(unquoted(by));
  if (text === '' && where !== 'prefix' && where !== 'suffix') return chars.join('');
  const glob = parseGlob(unquotedPattern(text));
  if (where === 'prefix') {
    const ends = matchEnds(glob, chars, 0, work);
    return ends === null ? chars.join('') : replacement + chars.slice(ends.longest).join('');
  }
  if (where === 'suffix') {
    for (let at = 0; at <= chars.length; at++)
      if (matchEnds(glob, chars, at, work)?.longest === chars.length)
        return chars.slice(0, at).join('') + replacement;
    return chars.join('');
  }
  return replaceMatches(chars, glob, replacement, where === 'all', work);
}

function replaceMatches(
  chars: readonly string[],
  glob: ReturnType<typeof parseGlob>,
  replacement: string,
  all: boolean,
  work: Work,
): string {
  const kept: string[] = [];
  let at = 0;
  while (at < chars.length) {
    const ends = matchEnds(glob, chars, at, work);
    if (ends === null || ends.longest === at) {
      kept.push(chars[at] ?? '');
      at += 1;
      continue;
    }
    kept.push(replacement);
    at = ends.longest;
    if (!all) break;
  }
  return [...kept, ...chars.slice(at)].join('');
}

function changeCase(
  chars: readonly string[],
  { to, all, pattern }: Extract<Operation, { readonly kind: 'case' }>,
  expand: (word: string) => string,
  work: Work,
): string {
  const glob = parseGlob(pattern === '' ? '?' : unquotedPattern(expand(pattern)));
  return chars
    .map((char, index) => {
      if (!all && index > 0) return char;
      if (matchEnds(glob, [char], 0, work)?.longest !== 1) return char;
      return to === 'upper' ? upper(char) : char.toLowerCase();
    })
    .join('');
}

/** One letter for one letter: `ß` stays. */
function upper(char: string): string {
  const changed = char.toUpperCase();
  return Array.from(changed).length === 1 ? changed : char;
}

/** Quotes around a part of a pattern make it mean itself. */
function unquotedPattern(pattern: string): string {
  return pattern.replace(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) =>
    (double ?? single ?? '').replace(/[*?[\]\\]/g, '\\$&'),
  );
}
