/**
 * Globs of `rules:changes`, `rules:exists` and wildcard includes: Ruby's File.fnmatch with PATHNAME, DOTMATCH and
 * EXTGLOB, oddities included. `*` and `?` stay within a directory, dotfiles are files like others, `**` followed by a slash is
 * any number of directories, any other run of stars is one star, `{a,b}` is written out before anything else is
 * looked at (so it may hold slashes), `[]` never matches and `[^]` matches any one character.
 *
 * Matching takes time proportional to the lengths of pattern and path, whatever they are: a table is filled instead
 * of trying every way to spend the stars.
 */
export interface Glob {
  readonly pattern: string;
  /** Path: relative, with `/`. Compared by characters, case matters. */
  matches(path: string): boolean;
}

/** Compiles a pattern, or returns the one compiled before. Every text is a pattern; one that makes no sense matches nothing. */
export function compileGlob(pattern: string): Glob {
  const known = cache.get(pattern);
  if (known !== undefined) return known;
  const glob = compile(pattern);
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(pattern, glob);
  return glob;
}

/** Whether a pattern has anything but plain characters; one without is compared as text. */
export function isPlainPath(pattern: string): boolean {
  return !/[*?[{]/.test(pattern);
}

const CACHE_LIMIT = 2_000;
const cache = new Map<string, Glob>();

/**
 * Braces multiply: twenty pairs are a million patterns. A glob with more than this matches everything, as GitLab
 * takes a rule for fulfilled when comparing would take too long.
 */
const MAX_ALTERNATIVES = 200;

function compile(pattern: string): Glob {
  const alternatives = expandBraces(pattern);
  if (alternatives === null) return { pattern, matches: () => true };
  if (alternatives.length === 1 && alternatives[0] === pattern && !/[*?[\\]/.test(pattern)) {
    return { pattern, matches: (path) => path === pattern };
  }
  const compiled = alternatives.map((text) => ({
    start: plainStart(text),
    segments: compileSegments(text),
  }));
  return {
    pattern,
    matches(path) {
      const near = compiled.filter(({ start }) => path.startsWith(start));
      if (near.length === 0) return false;
      const names = path.split('/');
      return near.some(({ segments }) => matchSegments(segments, names));
    },
  };
}

/** The folders that a pattern names outright: most paths of a repository are not in them, and need no closer look. */
function plainStart(pattern: string): string {
  const special = pattern.search(/[*?[\\]/);
  return pattern.slice(0, pattern.lastIndexOf('/', special === -1 ? pattern.length : special) + 1);
}

/** Every way to choose from the braces, inner ones too; null when there are too many. An unclosed brace gives none. */
function expandBraces(pattern: string): readonly string[] | null {
  const expanded: string[] = [];
  const waiting = [pattern];
  for (let text = waiting.pop(); text !== undefined; text = waiting.pop()) {
    const group = firstBraceGroup(text);
    if (group === 'none') expanded.push(text);
    else if (group !== 'unclosed') {
      const before = text.slice(0, group.open);
      const after = text.slice(group.close + 1);
      for (const choice of group.choices.toReversed()) waiting.push(before + choice + after);
    }
    if (expanded.length + waiting.length > MAX_ALTERNATIVES) return null;
  }
  return expanded;
}

interface BraceGroup {
  readonly open: number;
  readonly close: number;
  readonly choices: readonly string[];
}

function firstBraceGroup(text: string): BraceGroup | 'none' | 'unclosed' {
  let open = -1;
  let depth = 0;
  let choiceStart = 0;
  const choices: string[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === '{') {
      if (depth === 0) {
        open = at;
        choiceStart = at + 1;
      }
      depth += 1;
    } else if (char === ',' && depth === 1) {
      choices.push(text.slice(choiceStart, at));
      choiceStart = at + 1;
    } else if (char === '}' && depth > 0) {
      depth -= 1;
      if (depth === 0) return { open, close: at, choices: [...choices, text.slice(choiceStart, at)] };
    }
  }
  return open === -1 ? 'none' : 'unclosed';
}

/** One directory or file name of a pattern; `directories` is a leading `**` with its slash. */
type Segment = 'directories' | readonly Token[];

type Token =
  | { readonly kind: 'star' }
  | { readonly kind: 'any' }
  | { readonly kind: 'char'; readonly char: string }
  | {
      readonly kind: 'set';
      readonly negated: boolean;
      readonly ranges: readonly (readonly [string, string])[];
    }
  | { readonly kind: 'never' };

function compileSegments(pattern: string): readonly Segment[] {
  const chars = [...pattern];
  const segments: Segment[] = [];
  let tokens: Token[] = [];
  let at = 0;
  while (at <= chars.length) {
    if (tokens.length === 0 && chars[at] === '*' && chars[at + 1] === '*' && chars[at + 2] === '/') {
      if (segments.at(-1) !== 'directories') segments.push('directories');
      at += 3;
      continue;
    }
    const char = chars[at];
    // A backslash at the very end stands for nothing.
    const escaped = char === '\\';
    const literal = escaped ? chars[at + 1] : char;
    if (literal === undefined || literal === '/') {
      segments.push(tokens);
      tokens = [];
      at += escaped ? 2 : 1;
      continue;
    }
    if (!escaped && char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
      at += 1;
    } else if (!escaped && char === '?') {
      tokens.push({ kind: 'any' });
      at += 1;
    } else if (!escaped && char === '[') {
      const set = readSet(chars, at + 1);
      tokens.push(set.token);
      at = set.next;
    } else {
      tokens.push({ kind: 'char', char: literal });
      at += escaped ? 2 : 1;
    }
  }
  return segments;
}

/** Reads `[…]` from after the bracket. One that is not closed, or is empty, never matches. */
function readSet(chars: readonly string[], start: number): { readonly token: Token; readonly next: number } {
  const negated = chars[start] === '!' || chars[start] === '^';
  const ranges: (readonly [string, string])[] = [];
  let at = negated ? start + 1 : start;
  while (at < chars.length) {
    if (chars[at] === ']') {
      const token: Token =
        ranges.length === 0 && !negated ? { kind: 'never' } : { kind: 'set', negated, ranges };
      return { token, next: at + 1 };
    }
    if (chars[at] === '\\') at += 1;
    const low = chars[at];
    if (low === undefined) break;
    at += 1;
    if (chars[at] !== '-' || chars[at + 1] === ']') {
      ranges.push([low, low]);
      continue;
    }
    at += 1;
    if (chars[at] === '\\') at += 1;
    const high = chars[at];
    if (high === undefined) break;
    ranges.push([low, high]);
    at += 1;
  }
  return { token: { kind: 'never' }, next: chars.length };
}

/**
 * Whether the names match the segments, by the set of positions in the pattern that are reachable after each name.
 * `directories` at a position lets it stay there for a name, or be left without one.
 */
function matchSegments(segments: readonly Segment[], names: readonly string[]): boolean {
  let reachable = new Set<number>();
  reach(segments, reachable, 0);
  for (const name of names) {
    const next = new Set<number>();
    const chars = [...name];
    for (const position of reachable) {
      const segment = segments[position];
      if (segment === undefined) continue;
      if (segment === 'directories') reach(segments, next, position);
      else if (matchName(segment, chars)) reach(segments, next, position + 1);
    }
    if (next.size === 0) return false;
    reachable = next;
  }
  return reachable.has(segments.length);
}

function reach(segments: readonly Segment[], positions: Set<number>, position: number): void {
  positions.add(position);
  if (segments[position] === 'directories') positions.add(position + 1);
}

/** Within a name the classic walk: only the last star ever has to be tried again. */
function matchName(tokens: readonly Token[], chars: readonly string[]): boolean {
  let token = 0;
  let at = 0;
  let starToken = -1;
  let starAt = 0;
  while (at < chars.length) {
    const current = tokens[token];
    if (current?.kind === 'star') {
      starToken = token;
      starAt = at;
      token += 1;
    } else if (current !== undefined && matchesChar(current, chars[at] ?? '')) {
      token += 1;
      at += 1;
    } else if (starToken >= 0) {
      starAt += 1;
      at = starAt;
      token = starToken + 1;
    } else {
      return false;
    }
  }
  while (tokens[token]?.kind === 'star') token += 1;
  return token === tokens.length;
}

function matchesChar(token: Token, char: string): boolean {
  switch (token.kind) {
    case 'star':
    case 'never':
      return false;
    case 'any':
      return true;
    case 'char':
      return token.char === char;
    case 'set':
      return inRanges(token.ranges, char) !== token.negated;
  }
}

function inRanges(ranges: readonly (readonly [string, string])[], char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  return ranges.some(
    ([low, high]) =>
      char === low ||
      char === high ||
      ((low.codePointAt(0) ?? 0) <= code && code <= (high.codePointAt(0) ?? 0)),
  );
}
