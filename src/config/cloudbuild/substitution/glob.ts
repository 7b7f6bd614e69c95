/** A pattern as bash has it: `*`, `?`, `[a-z]`, `\x`; anything else is itself. */
export interface Glob {
  readonly items: readonly GlobItem[];
}

type GlobItem =
  | { readonly kind: 'any' }
  | { readonly kind: 'one'; readonly matches: (char: string) => boolean };

/** How many single comparisons the patterns of one reading may take, so that no file can keep us busy. */
export interface Work {
  left: number;
}

export function parseGlob(pattern: string): Glob {
  const chars = Array.from(pattern);
  const items: GlobItem[] = [];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? '';
    if (char === '*') {
      if (items.at(-1)?.kind !== 'any') items.push({ kind: 'any' });
    } else if (char === '?') items.push({ kind: 'one', matches: () => true });
    else if (char === '\\' && at + 1 < chars.length) {
      at += 1;
      items.push(literal(chars[at] ?? ''));
    } else {
      const set = char === '[' ? readSet(chars, at) : null;
      items.push(set === null ? literal(char) : { kind: 'one', matches: set.matches });
      if (set !== null) at = set.end;
    }
  }
  return { items };
}

/**
 * Where a match that starts at `start` can end: the nearest and the farthest place, or null. Characters, not UTF-16
 * units. Works through the states of the pattern at once, so that no pattern takes more than length times length.
 */
export function matchEnds(
  { items }: Glob,
  chars: readonly string[],
  start: number,
  work: Work,
): { readonly shortest: number; readonly longest: number } | null {
  let states = withSkips(new Set([0]), items);
  let shortest = -1;
  let longest = -1;
  for (let at = start; ; at++) {
    if (states.has(items.length)) {
      if (shortest < 0) shortest = at;
      longest = at;
    }
    const char = chars[at];
    if (char === undefined || states.size === 0) break;
    work.left -= states.size;
    if (work.left < 0) break;
    const next = new Set<number>();
    for (const state of states) {
      const item = items[state];
      if (item === undefined) continue;
      if (item.kind === 'any') next.add(state);
      else if (item.matches(char)) next.add(state + 1);
    }
    states = withSkips(next, items);
  }
  return shortest < 0 ? null : { shortest, longest };
}

/** A `*` may stand for nothing. */
function withSkips(states: Set<number>, items: readonly GlobItem[]): Set<number> {
  for (const state of states) if (items[state]?.kind === 'any') states.add(state + 1);
  return states;
}

function literal(wanted: string): GlobItem {
  return { kind: 'one', matches: (char) => char === wanted };
}

/** `[abc]`, `[!a-z]`, `[^[:digit:]]`; null: the bracket is never closed, and is itself. */
function readSet(
  chars: readonly string[],
  open: number,
): { readonly matches: (char: string) => boolean; readonly end: number } | null {
  let at = open + 1;
  const negated = chars[at] === '!' || chars[at] === '^';
  if (negated) at += 1;
  const tests: ((char: string) => boolean)[] = [];
  for (let first = true; ; first = false) {
    const char = chars[at];
    if (char === undefined) return null;
    if (char === ']' && !first) break;
    const name = char === '[' && chars[at + 1] === ':' ? className(chars, at) : null;
    if (name !== null) {
      const test = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
      if (test !== undefined) tests.push((one) => test.test(one));
      at += name.length + 4;
      continue;
    }
    const low = char === '\\' && chars[at + 1] !== undefined ? (chars[++at] ?? '') : char;
    const high =
      chars[at + 1] === '-' && chars[at + 2] !== undefined && chars[at + 2] !== ']'
        ? chars[at + 2]
        : undefined;
    if (high === undefined) {
      tests.push((one) => one === low);
      at += 1;
    } else {
      tests.push((one) => one >= low && one <= high);
      at += 3;
    }
  }
  return { matches: (char) => tests.some((test) => test(char)) !== negated, end: at };
}

function className(chars: readonly string[], at: number): string | null {
  const [, name = null] = /^\[:([a-z]+):\]/.exec(chars.slice(at, at + 12).join('')) ?? [];
  return name;
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /^[A-Za-z0-9]$/,
  alpha: /^[A-Za-z]$/,
  blank: /^[ \t]$/,
  cntrl: /^\p{Cc}$/u,
  digit: /^[0-9]$/,
  graph: /^[!-~]$/,
  lower: /^[a-z]$/,
  print: /^[ -~]$/,
  punct: /^[!-/:-@[-`{-~]$/,
  space: /^[ \t\n\r\f\v]$/,
  upper: /^[A-Z]$/,
  word: /^[A-Za-z0-9_]$/,
  xdigit: /^[0-9A-Fa-f]$/,
};
