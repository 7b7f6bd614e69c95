import { SCALAR_STYLE, type ScalarEvent } from 'js-yaml';

/** A half-open range of UTF-16 offsets. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Where a scalar stands, its quotes or its `|` included. `position` is where the last token ended: the place of a value
 * that was left out.
 */
export function scalarRange(text: string, event: ScalarEvent, position: number): TextRange {
  if (event.valueStart < 0) {
    const start =
      event.tagStart >= 0 ? event.tagStart : event.anchorStart >= 0 ? event.anchorStart - 1 : position;
    return { start, end: Math.max(event.tagEnd, event.anchorEnd, start) };
  }
  switch (event.style) {
    case SCALAR_STYLE.SINGLE_QUOTED:
    case SCALAR_STYLE.DOUBLE_QUOTED:
      return { start: event.valueStart - 1, end: event.valueEnd + 1 };
    case SCALAR_STYLE.LITERAL_BLOCK:
    case SCALAR_STYLE.FOLDED_BLOCK:
      return blockRange(text, event, position);
    default:
      return { start: event.valueStart, end: event.valueEnd };
  }
}

/** From the `|` or `>` to the last character of the block's text. */
function blockRange(text: string, event: ScalarEvent, position: number): TextRange {
  let start = Math.max(position, event.tagEnd, event.anchorEnd);
  while (start < event.valueStart && text[start] !== '|' && text[start] !== '>') start++;
  let end = event.valueEnd;
  while (end > start + 1 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
  return { start, end };
}

/** The events do not say where a collection ends: a block ends with its last value, `[` and `{` at their partner. */
export function collectionEnd(text: string, start: number, position: number): number {
  const opener = text[start];
  const closer = opener === '[' ? ']' : opener === '{' ? '}' : null;
  if (closer === null) return position;
  let index = Math.max(position, start + 1);
  while (index < text.length && text[index] !== closer) {
    if (text[index] === '#') while (index < text.length && text[index] !== '\n') index++;
    else index++;
  }
  return Math.min(index + 1, text.length);
}
