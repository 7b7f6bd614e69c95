import { createRequire } from 'node:module';
import type { RE2JS as Engine } from 're2js';
import { plainRegex } from './plain-regex.ts';

/**
 * A regular expression of a person, matched by RE2: time grows with the text and never with the pattern's shape, so
 * no pattern can hang the process.
 */
export interface Regex {
  /** The pattern with its flags in front (`(?i)…`), as the engine sees it. */
  readonly source: string;
  /** Whether it matches anywhere in the text. */
  test(text: string): boolean;
  /** The last match in the text: the whole, then what each group matched (null: nothing). null when there is none. */
  findLast(text: string): readonly (string | null)[] | null;
}

export type RegexResult =
  | { readonly ok: true; readonly regex: Regex }
  | { readonly ok: false; readonly message: string };

/**
 * Compiles a pattern without slashes. `flags` are RE2's: i (case), s (dot matches newline), m (`^` and `$` at every
 * line), U (ungreedy). Results are remembered, so asking again is cheap.
 */
export function compileRegex(pattern: string, flags = ''): RegexResult {
  const source = flags === '' ? pattern : `(?${flags})${pattern}`;
  const known = cache.get(source);
  if (known !== undefined) return known;
  const result = compile(source);
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(source, result);
  return result;
}

export interface RegexLiteral {
  readonly pattern: string;
  readonly flags: string;
}

/** Splits `/pattern/flags`; null when the text (or, with several lines, none of its lines) has that form. */
export function parseRegexLiteral(text: string): RegexLiteral | null {
  if (!text.includes('/')) return null;
  const match = /^\/(.*)\/([ismU]*)$/m.exec(text);
  return match === null ? null : { pattern: match[1] ?? '', flags: match[2] ?? '' };
}

/** Far above what pipeline files hold; a bound only because the patterns of strangers pass through here. */
const CACHE_LIMIT = 2_000;

const cache = new Map<string, RegexResult>();

/**
 * The engine is 260 KB of code, 20 to 30 ms of a command's start, and most pipeline files have no regular
 * expression that needs it: it is loaded when the first one is met. `require`, because matching must stay synchronous.
 */
let engine: typeof Engine | null = null;

function loadEngine(): typeof Engine {
  if (engine === null) {
    const library: { readonly RE2JS: typeof Engine } = createRequire(import.meta.url)('re2js');
    engine = library.RE2JS;
  }
  return engine;
}

function compile(source: string): RegexResult {
  const plain = plainRegex(source);
  if (plain !== null) return { ok: true, regex: withoutEngine(source, plain) };
  try {
    const compiled = loadEngine().compile(source);
    return {
      ok: true,
      regex: { source, test: (text) => compiled.test(text), findLast: (text) => findLast(compiled, text) },
    };
  } catch (error) {
    if (!(error instanceof Error) || !error.name.startsWith('RE2JS')) throw error;
    return { ok: false, message: error.message.replace(/^error parsing regexp: /, '') };
  }
}

/** Searching for all matches is left to the engine: only jobs that run do that, and they have the time. */
function withoutEngine(source: string, plain: RegExp): Regex {
  return {
    source,
    test: (text) => plain.test(text),
    findLast: (text) => findLast(loadEngine().compile(source), text),
  };
}

function findLast(compiled: Engine, text: string): readonly (string | null)[] | null {
  const matcher = compiled.matcher(text);
  let last: readonly (string | null)[] | null = null;
  while (matcher.find()) {
    last = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index));
  }
  return last;
}
