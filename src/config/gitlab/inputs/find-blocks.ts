/** `$[[ content ]]` in a text, with half-open offsets. */
export interface Block {
  readonly content: string;
  readonly start: number;
  readonly end: number;
}

export const OPEN = '$[[';
const CLOSE = ']]';

/**
 * The blocks of a text, from left to right. What stands in one is on one line and at least two characters long; white
 * space around it, also line breaks, is no part of it. Whatever else looks like a block is text.
 *
 * Every mark is looked for once, so the work is linear in the text: a regular expression would search for the end again
 * from every `$[[`.
 */
export function findBlocks(text: string): readonly Block[] {
  const blocks: Block[] = [];
  const closes = marks(text, CLOSE);
  const lines = marks(text, '\n');
  let trimmed = { close: -1, end: -1 };
  let open = text.indexOf(OPEN);
  while (open !== -1) {
    const inside = open + OPEN.length;
    const close = closes(inside);
    if (close === -1) return blocks;
    if (close !== trimmed.close) trimmed = { close, end: skipSpaceBack(text, close) };
    const start = skipSpace(text, inside, close);
    const { end } = trimmed;
    const line = lines(start);
    if (end - start < 2 || (line !== -1 && line < end)) {
      open = text.indexOf(OPEN, inside);
      continue;
    }
    blocks.push({ content: text.slice(start, end), start: open, end: close + CLOSE.length });
    open = text.indexOf(OPEN, close + CLOSE.length);
  }
  return blocks;
}

/** Where a mark stands next, for ascending questions. */
function marks(text: string, mark: string): (from: number) => number {
  let found = text.indexOf(mark);
  return (from) => {
    if (found !== -1 && found < from) found = text.indexOf(mark, from);
    return found;
  };
}

function skipSpace(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && isSpace(text[at])) at++;
  return at;
}

function skipSpaceBack(text: string, from: number): number {
  let at = from;
  while (at > 0 && isSpace(text[at - 1])) at--;
  return at;
}

function isSpace(char: string | undefined): boolean {
  return char === ' ' || char === '\n' || char === '\t' || char === '\r' || char === '\f';
}
