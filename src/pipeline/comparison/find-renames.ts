import type { Json } from '../plan.ts';
import { linesOf } from './compare-values.ts';
import type { Sheet } from './sheet.ts';

/** Two jobs that are probably one under another name. */
export interface Rename {
  readonly from: string;
  readonly to: string;
}

/**
 * Guesses which of the jobs that are gone are among the new ones: those that do mostly the same. Every job is looked at
 * by its parts (a line of a script, a keyword's value); only jobs that share a part which few others have are compared,
 * so the time is linear in the parts.
 */
export function findRenames(
  removed: ReadonlyMap<string, Sheet>,
  added: ReadonlyMap<string, Sheet>,
): readonly Rename[] {
  if (removed.size === 0 || added.size === 0) return [];
  const newParts = new Map(Array.from(added, ([name, sheet]) => [name, partsOf(sheet)] as const));
  const holders = new Map<string, string[]>();
  for (const [name, parts] of newParts) {
    for (const part of parts.does) append(holders, part, name);
  }
  const pairs: (Rename & { readonly likeness: number })[] = [];
  for (const [from, sheet] of removed) {
    const parts = partsOf(sheet);
    for (const to of candidates(parts, holders)) {
      const likeness = likenessOf(parts, newParts.get(to) ?? NO_PARTS);
      if (likeness >= LEAST_LIKENESS) pairs.push({ from, to, likeness });
    }
  }
  return bestPairs(pairs);
}

/** Half of what they do, and of all they are, must be the same. */
const LEAST_LIKENESS = 0.5;
/** A part that more jobs have says little, and an index of it would be long. */
const MOST_HOLDERS = 8;
const MOST_CANDIDATES = 16;

interface Parts {
  /** Of what the job does: its scripts, or what it triggers. */
  readonly does: ReadonlySet<string>;
  /** Of everything else that is not as it is by default. */
  readonly is: ReadonlySet<string>;
}

const NO_PARTS: Parts = { does: new Set(), is: new Set() };

const DOING: ReadonlySet<string> = new Set(['script', 'run', 'trigger']);

/** What nearly every job has, whatever it is. */
const COMMON: ReadonlySet<string> = new Set([
  'kind: build',
  'when: on_success',
  'allow_failure: false',
  'interruptible: false',
]);

function partsOf(sheet: Sheet): Parts {
  const does = new Set<string>();
  const is = new Set<string>();
  for (const [key, value] of Object.entries(sheet)) {
    for (const line of partsOfValue(value)) {
      const part = `${key}: ${line}`;
      if (DOING.has(key)) does.add(part);
      else if (!COMMON.has(part)) is.add(part);
    }
  }
  return { does, is };
}

function partsOfValue(value: Json): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return linesOf(value === null ? '' : value);
  return Object.entries(value).map(([key, part]) => `${key}: ${JSON.stringify(part)}`);
}

function append(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else if (list.length <= MOST_HOLDERS) list.push(value);
}

function candidates(parts: Parts, holders: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const part of parts.does) {
    const names = holders.get(part) ?? [];
    if (names.length > MOST_HOLDERS) continue;
    for (const name of names) if (found.size < MOST_CANDIDATES) found.add(name);
  }
  return found;
}

/** From 0, nothing in common in what they do, to 1, all the same. */
function likenessOf(one: Parts, other: Parts): number {
  const does = shareOf(one.does, other.does);
  return does < LEAST_LIKENESS ? 0 : (does + shareOf(one.is, other.is)) / 2;
}

function shareOf(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  if (one.size + other.size === 0) return 1;
  let common = 0;
  for (const part of one) if (other.has(part)) common++;
  return (2 * common) / (one.size + other.size);
}

/** The most alike first, each name once. */
function bestPairs(pairs: readonly (Rename & { readonly likeness: number })[]): readonly Rename[] {
  const taken = new Set<string>();
  const renames: Rename[] = [];
  for (const { from, to } of pairs.toSorted((a, b) => b.likeness - a.likeness)) {
    if (taken.has(`-${from}`) || taken.has(`+${to}`)) continue;
    taken.add(`-${from}`).add(`+${to}`);
    renames.push({ from, to });
  }
  return renames;
}
