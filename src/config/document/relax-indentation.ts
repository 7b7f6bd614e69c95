/** A text with spaces put in at the start of some lines, and where. */
export interface Indented {
  readonly text: string;
  /** Ascending offsets in the original text before which spaces were put in. */
  readonly at: readonly number[];
  /** For each of them, how many spaces had been put in when it was done. */
  readonly total: readonly number[];
}

/**
 * Indents every line that continues a `[list]`, a `{mapping}` or a quoted text further than what it continues. Those
 * spaces mean nothing there: lines are folded. Null when the text would grow beyond all measure. It is a scanner that
 * knows where tokens start, no parser: a text it misreads is simply refused by the parser afterwards.
 */
export function indentContinuations(text: string): Indented | null {
  const scan: Scan = { text, position: 0, lineStart: 0, at: [], total: [], grown: 0 };
  while (scan.position < text.length && scan.grown < MAX_GROWTH) scanLine(scan);
  if (scan.at.length === 0 || scan.grown >= MAX_GROWTH) return null;
  return { text: withSpaces(scan), at: scan.at, total: scan.total };
}

/** Where an offset of the indented text lies in the original one. */
export function originalOffset({ at, total }: Indented, offset: number): number {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] ?? 0) + (total[middle] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return offset - (total[low - 1] ?? 0);
}

const MAX_GROWTH = 4 * 1024 * 1024;

interface Scan {
  readonly text: string;
  position: number;
  lineStart: number;
  readonly at: number[];
  readonly total: number[];
  grown: number;
}

/** One line of block style, from its indentation on, with whatever starts in it and goes on over more lines. */
function scanLine(scan: Scan): void {
  const { text } = scan;
  scan.lineStart = scan.position;
  let parent = -1;
  let tokenAt = -1;
  let tokenStarts = true;
  while (scan.position < text.length) {
    const char = text[scan.position];
    const next = text[scan.position + 1];
    if (char === '\n') break;
    if (char === ' ' || char === '\t' || char === '\r') {
      scan.position++;
      continue;
    }
    if (char === '#' && isBlank(text[scan.position - 1])) {
      skipToLineEnd(scan);
      break;
    }
    const column = scan.position - scan.lineStart;
    if (char === ':' && isBlank(next)) {
      parent = tokenAt;
      tokenStarts = true;
      scan.position++;
      continue;
    }
    if (!tokenStarts) {
      scan.position++;
      continue;
    }
    if ((char === '-' || char === '?') && isBlank(next)) {
      parent = column;
      scan.position++;
      continue;
    }
    if (char === '&' || char === '!') {
      while (scan.position < text.length && !isBlank(text[scan.position])) scan.position++;
      continue;
    }
    if (char === '|' || char === '>') {
      skipBlock(scan, parent);
      return;
    }
    tokenAt = column;
    tokenStarts = false;
    if (char === '"' || char === "'") skipQuoted(scan, char, column);
    else if (char === '[' || char === '{') skipFlow(scan, column);
    else scan.position++;
  }
  scan.position++;
}

function skipFlow(scan: Scan, column: number): void {
  const { text } = scan;
  let depth = 0;
  let tokenStarts = true;
  while (scan.position < text.length) {
    const char = text[scan.position];
    if (char === '[' || char === '{') depth++;
    else if (char === ']' || char === '}') depth--;
    if ((char === '"' || char === "'") && tokenStarts) {
      skipQuoted(scan, char, column);
      tokenStarts = false;
      continue;
    }
    if (char === '#' && isBlank(text[scan.position - 1])) {
      skipToLineEnd(scan);
      continue;
    }
    scan.position++;
    if (depth === 0) return;
    if (char === '\n') indentHere(scan, column);
    tokenStarts = isBlank(char) ? tokenStarts || char === '\n' : char !== undefined && '[{,:'.includes(char);
  }
}

function skipQuoted(scan: Scan, quote: string, column: number): void {
  const { text } = scan;
  scan.position++;
  while (scan.position < text.length) {
    const char = text[scan.position];
    scan.position++;
    if (char === '\\' && quote === '"') {
      if (text[scan.position] !== '\n') scan.position++;
    } else if (char === quote) {
      if (quote === '"' || text[scan.position] !== "'") return;
      scan.position++;
    } else if (char === '\n') indentHere(scan, column);
  }
}

/** The lines of a `|` or `>` block: all that are blank or indented further than what holds the block. */
function skipBlock(scan: Scan, parent: number): void {
  const { text } = scan;
  skipToLineEnd(scan);
  while (scan.position < text.length) {
    const start = scan.position + 1;
    let index = start;
    while (text[index] === ' ') index++;
    const blank = index >= text.length || text[index] === '\n' || text[index] === '\r';
    if (!blank && index - start <= parent) break;
    scan.position = start;
    skipToLineEnd(scan);
  }
  scan.position++;
}

function indentHere(scan: Scan, column: number): void {
  const spaces = column + 1;
  scan.grown += spaces;
  scan.at.push(scan.position);
  scan.total.push(scan.grown);
}

function withSpaces({ text, at, total }: Scan): string {
  const parts: string[] = [];
  let from = 0;
  let before = 0;
  for (const [index, position] of at.entries()) {
    const sum = total[index] ?? before;
    parts.push(text.slice(from, position), ' '.repeat(sum - before));
    from = position;
    before = sum;
  }
  parts.push(text.slice(from));
  return parts.join('');
}

function skipToLineEnd(scan: Scan): void {
  const end = scan.text.indexOf('\n', scan.position);
  scan.position = end < 0 ? scan.text.length : end;
}

function isBlank(char: string | undefined): boolean {
  return char === undefined || char === ' ' || char === '\n' || char === '\t' || char === '\r';
}
