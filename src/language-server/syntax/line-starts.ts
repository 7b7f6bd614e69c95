import type { FileIndex } from './file-index.ts';

/** A place as the protocol counts: line and UTF-16 column from 0. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

export function positionAt(file: FileIndex, offset: number): Position {
  const starts = lineStarts(file);
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low, character: offset - (starts[low] ?? 0) };
}

/** What lies past the end of a line or of the file is taken for its end. */
export function offsetAt(file: FileIndex, { line, character }: Position): number {
  const starts = lineStarts(file);
  if (line < 0) return 0;
  const start = starts[line];
  if (start === undefined) return file.text.length;
  const end = lineEnd(file.text, start, starts[line + 1] ?? file.text.length);
  return Math.min(start + Math.max(0, character), end);
}

function lineEnd(text: string, start: number, next: number): number {
  let end = next;
  while (end > start && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
  return end;
}

const known = new WeakMap<FileIndex, readonly number[]>();

function lineStarts(file: FileIndex): readonly number[] {
  const before = known.get(file);
  if (before !== undefined) return before;
  const { text } = file;
  const starts = [0];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 10 || (code === 13 && text.charCodeAt(index + 1) !== 10)) starts.push(index + 1);
  }
  known.set(file, starts);
  return starts;
}
