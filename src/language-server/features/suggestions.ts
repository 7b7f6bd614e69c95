import type { Problem } from '../../base/problem.ts';
import type { TextRange } from '../../config/index.ts';
import { blockAt, type FileIndex, shifted } from '../syntax/file-index.ts';
import { lineStart } from '../syntax/line-start.ts';
import { escapedFor, yamlText } from '../syntax/yaml-text.ts';

/** A correction that a problem's hint speaks of. */
export interface Suggestion {
  readonly title: string;
  readonly range: TextRange;
  readonly text: string;
}

/**
 * What `Did you mean …?` in a problem's hint comes to as an edit. The misspelt word is looked for where the problem is:
 * some are reported at a whole list. `range` is the problem's.
 */
export function suggestionFor(
  file: FileIndex,
  range: TextRange,
  { message, hint }: Pick<Problem, 'message' | 'hint'>,
): Suggestion | null {
  const meant = hint === null ? null : MEANT.exec(hint)?.[1];
  if (meant === undefined || meant === null) return null;
  const written = WRITTEN.exec(hint ?? '')?.[1] ?? null;
  const place = misspelt(file, range, (word) =>
    written === null ? isSaid(message, word) : word === written,
  );
  if (place === null) return null;
  return { title: `Change to ${meant}`, range: place, text: replacement(file.text, place, meant) };
}

const MEANT = /^(?:.*\. )?Did you mean `([^`]+)`/;
const WRITTEN = /instead of `([^`]+)`\?/;

function isSaid(message: string, word: string): boolean {
  return word !== '' && (message.endsWith(word) || message.split(/[\s,:`'"()]+/).includes(word));
}

/** In the range, else before it in its line: an input is reported at its value, but its name is wrong. */
function misspelt(file: FileIndex, range: TextRange, isIt: (word: string) => boolean): TextRange | null {
  const line = lineStart(file.text, range.start);
  for (const place of [range, { start: line, end: range.start }]) {
    for (const node of textsIn(file, place)) if (isIt(node.value)) return node.range;
  }
  return null;
}

function* textsIn(
  file: FileIndex,
  range: TextRange,
): Generator<{ readonly value: string; readonly range: TextRange }> {
  const block = blockAt(file, range.start);
  const tree = block?.content.tree;
  if (block === null || tree === null || tree === undefined) return;
  const pending = [tree];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const place = shifted(node, block.start);
    if (node.kind === 'scalar') {
      if (place.start >= range.start && place.end <= range.end) yield { value: node.value, range: place };
    } else if (node.kind === 'sequence') for (const item of node.items.toReversed()) pending.push(item);
    else if (node.kind === 'mapping') {
      for (const { key, value } of node.pairs.toReversed()) pending.push(value, key);
    }
  }
}

function replacement(text: string, { start, end }: TextRange, meant: string): string {
  const quote = text[start];
  const isQuoted = (quote === '"' || quote === "'") && text[end - 1] === quote;
  return isQuoted ? `${quote}${escapedFor(quote, meant)}${quote}` : yamlText(meant, true);
}
