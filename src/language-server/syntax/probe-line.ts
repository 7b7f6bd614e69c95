/** A line that someone is typing, made whole: with a stand-in for what is typed, and everything closed that is open. */
export interface Probe {
  readonly kind: 'key' | 'value';
  readonly line: string;
  readonly indent: number;
  /** It begins with `- `. */
  readonly isItem: boolean;
  /** Where in the line the typed part begins, after a quote. */
  readonly typedFrom: number;
  /** How much of it stands behind the cursor. */
  readonly typedAfter: number;
  readonly quote: '"' | "'" | null;
  readonly flow: boolean;
  readonly hasColon: boolean;
}

/** A word that nobody writes. */
export const STAND_IN = 'sl1pwayTypesHere';

/** `before` and `after`: the line on both sides of the cursor. Null in a comment. */
export function probeLine(before: string, after: string): Probe | null {
  const [, indent = '', dashes = '', rest = ''] = /^(\s*)((?:-\s+)*)(.*)$/s.exec(before) ?? [];
  const head = indent + dashes;
  const shared = { indent: indent.length, isItem: dashes !== '' };
  const scan = scanRest(rest);
  if (scan === null) return null;
  const from = head.length + scan.typedFrom;
  const typedAfter = scan.quote === null && scan.kind === 'key' ? wordLength(after) : 0;
  const hasColon = /^\s*:(?:\s|$)/.test(after.slice(typedAfter));
  const start = before.slice(0, from);
  const parts = { ...shared, typedFrom: from, typedAfter, quote: scan.quote, flow: scan.closers !== '' };
  if (scan.kind === 'key' && scan.closers === '') {
    // What follows the key on its line goes with it; what stands below stays.
    const line = `${start.slice(0, scan.quote === null ? undefined : -1)}${STAND_IN}:`;
    return { ...parts, kind: 'key', line, hasColon };
  }
  const closed = scan.quote === null ? STAND_IN : `${STAND_IN}${scan.quote}`;
  return { ...parts, kind: scan.kind, line: `${start}${closed}${scan.closers}`, hasColon };
}

interface Scan {
  readonly kind: 'key' | 'value';
  readonly typedFrom: number;
  readonly quote: '"' | "'" | null;
  /** What must follow for every bracket to be closed. */
  readonly closers: string;
}

/** Goes through what stands before the cursor, token by token. */
function scanRest(rest: string): Scan | null {
  let closers = '';
  let kind: Scan['kind'] = 'key';
  let from = 0;
  let quote: Scan['quote'] = null;
  for (let index = 0; index < rest.length; index++) {
    const char = rest[index];
    const isStart = rest.slice(from, index).trim() === '';
    if (quote !== null) {
      if (char === quote) quote = null;
    } else if (char === '#' && (index === 0 || /\s/.test(rest[index - 1] ?? ''))) return null;
    else if ((char === '"' || char === "'") && isStart) {
      quote = char;
      from = index + 1;
    } else if (
      (char === '[' || char === '{') &&
      (isStart || closers !== '' || isTag(rest.slice(from, index)))
    ) {
      closers = (char === '[' ? ']' : '}') + closers;
      kind = char === '[' ? 'value' : 'key';
      from = index + 1;
    } else if ((char === ']' || char === '}') && closers.startsWith(char)) closers = closers.slice(1);
    else if (char === ',' && closers !== '') {
      kind = closers.startsWith(']') ? 'value' : 'key';
      from = index + 1;
    } else if (char === ':' && /\s/.test(rest[index + 1] ?? '') && (kind === 'key' || closers !== '')) {
      kind = 'value';
      from = index + 1;
    }
  }
  const gap = quote === null ? /^\s*/.exec(rest.slice(from))?.[0].length : 0;
  return { kind, typedFrom: from + (gap ?? 0), quote, closers };
}

function isTag(text: string): boolean {
  return /^\s*!\w+\s*$/.test(text);
}

function wordLength(after: string): number {
  return /^[\w.-]*/.exec(after)?.[0].length ?? 0;
}
