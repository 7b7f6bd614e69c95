import { parseWritten, type TextRange, type WrittenNode, type WrittenReading } from '../../config/index.ts';
import { lineStart } from './line-start.ts';

export interface ParsedBlock {
  /** null: nothing of it could be understood. */
  readonly tree: WrittenNode | null;
  /** Lines that had to be left out. */
  readonly damaged: boolean;
}

/**
 * Parses a block; where it is not valid YAML (someone is typing), the lines that are in the way are taken for blank, so
 * that everything else keeps its meaning and its place.
 */
export function parseBlock(text: string): ParsedBlock {
  let current = text;
  let reading: WrittenReading = parseWritten(current);
  let budget = MAX_REPAIR;
  for (let attempt = 0; !reading.ok && attempt < MAX_ATTEMPTS && budget > 0; attempt++) {
    const { position } = reading;
    let best: Repair | null = null;
    for (const line of suspects(current, position)) {
      const without = blanked(current, line.start, line.end);
      const next = parseWritten(without);
      budget -= without.length;
      const progress = next.ok ? Number.POSITIVE_INFINITY : next.position;
      if (best === null || progress > best.progress) best = { text: without, reading: next, progress };
      if (next.ok) break;
    }
    if (best !== null && best.progress > position) {
      current = best.text;
      reading = best.reading;
    } else {
      // What opens in this line and never ends takes the rest with it.
      const from = suspects(current, position).at(-1)?.start ?? 0;
      current = blanked(current, from, current.length);
      reading = parseWritten(current);
    }
  }
  return { tree: reading.ok ? (reading.documents[0] ?? null) : null, damaged: current !== text };
}

interface Repair {
  readonly text: string;
  readonly reading: WrittenReading;
  readonly progress: number;
}

const MAX_ATTEMPTS = 12;
/** Characters parsed in search of a repair. */
const MAX_REPAIR = 1_500_000;

/** The line where the parser gave up, the line before it, and one with a quote or bracket that stays open. */
function suspects(text: string, position: number): readonly TextRange[] {
  const at = lineAround(text, Math.min(position, text.length));
  const found = [at];
  const before = lineBefore(text, at);
  if (before !== null) found.push(before);
  for (let line = before; line !== null; line = lineBefore(text, line)) {
    if (!staysOpen(text.slice(line.start, line.end))) continue;
    if (line.start !== before?.start) found.push(line);
    break;
  }
  return found;
}

function staysOpen(line: string): boolean {
  let open = 0;
  let quote: string | null = null;
  for (const char of line) {
    if (quote !== null) {
      if (char === quote) quote = null;
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '[' || char === '{') open++;
    else if (char === ']' || char === '}') open--;
  }
  return quote !== null || open > 0;
}

function lineAround(text: string, position: number): TextRange {
  const start = lineStart(text, position);
  const end = text.indexOf('\n', position);
  return { start, end: end === -1 ? text.length : end };
}

/** The nearest line above that is not blank. */
function lineBefore(text: string, line: TextRange): TextRange | null {
  let end = line.start - 1;
  while (end >= 0) {
    const start = lineStart(text, end);
    if (text.slice(start, end).trim() !== '') return { start, end };
    end = start - 1;
  }
  return null;
}

function blanked(text: string, start: number, end: number): string {
  return text.slice(0, start) + text.slice(start, end).replace(/[^\r\n]/g, ' ') + text.slice(end);
}
