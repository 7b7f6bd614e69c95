import type { TextRange } from '../../config/index.ts';

/** A stretch of a file that can be parsed alone: a key at the root with all that stands below it. */
export interface RootBlock extends TextRange {
  /** Which of the file's documents it is in, from 0. */
  readonly document: number;
}

/**
 * Cuts a file before every line that starts a key at the root. A change then costs what its own block holds, and a
 * mistake in one block hides nothing of the others. A file that is one `{mapping}` stays whole.
 */
export function rootBlocks(text: string): readonly RootBlock[] {
  const blocks: RootBlock[] = [];
  let document = 0;
  let start = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  if (isFlow(text, start)) return [{ start, end: text.length, document }];
  let hasContent = false;
  const close = (end: number) => {
    if (hasContent) blocks.push({ start, end, document });
    hasContent = false;
  };
  for (let line = start; line < text.length; line = nextLine(text, line)) {
    if (isMarker(text, line)) {
      close(line);
      if (text.startsWith('---', line) && blocks.length > 0) document++;
      start = nextLine(text, line);
      continue;
    }
    if (startsKey(text, line)) {
      if (hasContent) close(line);
      if (!hasContent) start = line;
      hasContent = true;
    } else if (!isBlankLine(text, line)) hasContent = true;
  }
  close(text.length);
  return blocks;
}

const BYTE_ORDER_MARK = 0xfeff;

function isFlow(text: string, start: number): boolean {
  const first = /\S/.exec(text.slice(start, start + 200))?.[0];
  return first === '{' || first === '[';
}

/** `---`, `...` or a `%` line: between documents. */
function isMarker(text: string, line: number): boolean {
  if (text[line] === '%') return true;
  if (!text.startsWith('---', line) && !text.startsWith('...', line)) return false;
  const after = text[line + 3];
  return after === undefined || /\s/.test(after);
}

/** Something at the left edge that is no comment, and no item or bracket that belongs to the key before it. */
function startsKey(text: string, line: number): boolean {
  const char = text[line];
  if (char === undefined || ' \t\r\n#]},'.includes(char)) return false;
  return char !== '-' || !/\s/.test(text[line + 1] ?? ' ');
}

function isBlankLine(text: string, line: number): boolean {
  let index = line;
  while (text[index] === ' ' || text[index] === '\t' || text[index] === '\r') index++;
  return index >= text.length || text[index] === '\n' || text[index] === '#';
}

function nextLine(text: string, line: number): number {
  const end = text.indexOf('\n', line);
  return end === -1 ? text.length : end + 1;
}
