import type { Place } from '../../base/problem.ts';
import type { SourceText, Span } from './node.ts';

/**
 * Line and column of a span, counted from 1. Costs a binary search (and one pass over the text on a file's first
 * use), so it is called only for a Problem that is really reported.
 */
export function placeOf(span: Span): Place {
  const { file } = span;
  const starts = lineStarts(file);
  const start = Math.min(span.start, file.text.length);
  const end = Math.min(Math.max(span.end, start), file.text.length);
  const line = lineAt(starts, start);
  const endLine = lineAt(starts, end);
  return {
    file: file.name,
    line,
    column: start - (starts[line - 1] ?? 0) + 1,
    endLine,
    endColumn: end - (starts[endLine - 1] ?? 0) + 1,
  };
}

/** The text of one line (from 1), without its line break. */
export function lineText(file: SourceText, line: number): string {
  const starts = lineStarts(file);
  const start = starts[line - 1];
  if (start === undefined) return '';
  return file.text.slice(start, starts[line] ?? file.text.length).replace(/[\r\n]+$/, '');
}

const known = new WeakMap<SourceText, readonly number[]>();

function lineStarts(file: SourceText): readonly number[] {
  const before = known.get(file);
  if (before !== undefined) return before;
  const starts = [0];
  const { text } = file;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 10 || (code === 13 && text.charCodeAt(index + 1) !== 10)) starts.push(index + 1);
  }
  known.set(file, starts);
  return starts;
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}
