import type { Json } from '../plan.ts';
import { type ComparedLine, compareLines } from './line-difference.ts';
import type { Sheet } from './sheet.ts';

/** What became of one key. */
export interface ValueChange {
  /** With the keys above it: `artifacts:paths`, `variables:TARGET`. */
  readonly key: string;
  /** null: it was not set. */
  readonly before: Json;
  /** null: it is not set any more. */
  readonly after: Json;
  /** Of a list, or a text of several lines, on both sides. */
  readonly lines: readonly ComparedLine[] | null;
}

/** Every key whose value differs, mappings key by key; in the order of the earlier sheet, new keys after them. */
export function compareSheets(before: Sheet, after: Sheet): readonly ValueChange[] {
  const changes: ValueChange[] = [];
  compareMappings('', before, after, changes);
  return changes;
}

function compareMappings(above: string, before: Sheet, after: Sheet, changes: ValueChange[]): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const key = above === '' ? name : `${above}:${name}`;
    const [old, now] = [valueIn(before, name), valueIn(after, name)];
    if (isMapping(old) && isMapping(now)) compareMappings(key, old, now, changes);
    else if (isMapping(old) && now === null) compareMappings(key, old, {}, changes);
    else if (isMapping(now) && old === null) compareMappings(key, {}, now, changes);
    else if (!isEqual(old, now))
      changes.push({ key, before: old, after: now, lines: linesBetween(old, now) });
  }
}

function valueIn(sheet: Sheet, name: string): Json {
  return Object.hasOwn(sheet, name) ? (sheet[name] ?? null) : null;
}

function isMapping(value: Json): value is Sheet {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isEqual(one: Json, other: Json): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function linesBetween(before: Json, after: Json): readonly ComparedLine[] | null {
  if (!hasLines(before) && !hasLines(after)) return null;
  if (!canHaveLines(before) || !canHaveLines(after)) return null;
  return compareLines(linesOf(before), linesOf(after));
}

function hasLines(value: Json): boolean {
  return Array.isArray(value) || (typeof value === 'string' && value.includes('\n'));
}

function canHaveLines(value: Json): boolean {
  return value === null || typeof value === 'string' || Array.isArray(value);
}

/** A list item by item, a text line by line. */
export function linesOf(value: Json): readonly string[] {
  if (value === null) return [];
  if (typeof value === 'string') return withoutLastBreak(value).split('\n');
  if (isList(value))
    return value.flatMap((item) => (typeof item === 'string' ? linesOf(item) : inlineText(item)));
  return [inlineText(value)];
}

function withoutLastBreak(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

/** A value on one line, as a person would write it: `{job: build, artifacts: false}`. */
export function inlineText(value: Json): string {
  if (typeof value === 'string')
    return /^[^\s"'{}[\],:#&*!|>%@`][^"{}[\],\n]*$/.test(value) ? value : JSON.stringify(value);
  if (value === null || typeof value !== 'object') return String(value);
  if (isList(value)) return `[${value.map(inlineText).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, part]) => `${key}: ${inlineText(part)}`)
    .join(', ')}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
