import { Buffer } from 'node:buffer';
import { buildSecretAutomaton, type SecretAutomaton } from './secret-automaton.ts';

/**
 * Replaces secrets in a stream of bytes that is cut anywhere. Every byte that belongs to an occurrence of a secret is
 * hidden; occurrences that overlap become one mask, so that no tail of the second is left over.
 */
export interface SecretMasker {
  add(secret: string): void;
  /** What can be shown now: everything but an end that may be the beginning of a secret. */
  push(bytes: Uint8Array): readonly Uint8Array[];
  /** The rest: nothing more will come. */
  end(): readonly Uint8Array[];
}

export function createSecretMasker(): SecretMasker {
  const secrets = new Map<string, Uint8Array>();
  let automaton: SecretAutomaton | null = null;
  let scan: Scan = EMPTY_SCAN;

  return {
    add(secret) {
      if (secret === '' || secrets.has(secret)) return;
      secrets.set(secret, Buffer.from(secret));
      automaton = null;
    },
    push(bytes) {
      if (secrets.size === 0) return [bytes];
      if (automaton === null) {
        automaton = buildSecretAutomaton([...secrets.values()]);
        // The states mean something else now: what was held back is read again.
        scan = { ...scan, state: 0, scanned: 0 };
      }
      const held = scan.held.length === 0 ? bytes : Buffer.concat([scan.held, bytes]);
      const { shown, rest } = scanBytes(automaton, { ...scan, held });
      scan = rest;
      return shown;
    },
    end() {
      const shown: Uint8Array[] = [];
      showUntil(scan.held, scan.found, scan.held.length, shown);
      scan = EMPTY_SCAN;
      return shown;
    },
  };
}

/** Where reading stands between two writes. */
interface Scan {
  readonly state: number;
  /** Bytes not shown yet. */
  readonly held: Uint8Array;
  /** How many of them the automaton has seen. */
  readonly scanned: number;
  /** Occurrences among them: in order, not overlapping. */
  readonly found: readonly Range[];
}

interface Range {
  readonly start: number;
  readonly end: number;
}

const EMPTY_SCAN: Scan = { state: 0, held: new Uint8Array(0), scanned: 0, found: [] };

function scanBytes(
  automaton: SecretAutomaton,
  scan: Scan,
): { readonly shown: readonly Uint8Array[]; readonly rest: Scan } {
  const { columnOf, columns, next, depth, ending } = automaton;
  const { held } = scan;
  const found = [...scan.found];
  let state = scan.state;
  for (let index = scan.scanned; index < held.length; index += 1) {
    state = next[state + (columnOf[held[index] ?? 0] ?? 0)] ?? 0;
    if (state === 0) continue;
    const length = ending[state / columns] ?? 0;
    if (length !== 0) addOccurrence(found, index + 1 - length, index + 1);
  }
  // No later occurrence can begin before this byte; one that was found around it may still grow.
  let certain = held.length - (depth[state / columns] ?? 0);
  const cut = found.findLast((range) => range.start < certain && certain < range.end);
  if (cut !== undefined) certain = cut.start;
  const shown: Uint8Array[] = [];
  const open = showUntil(held, found, certain, shown);
  return {
    shown,
    rest: {
      state,
      held: held.subarray(certain),
      scanned: held.length - certain,
      found: open.map(({ start, end }) => ({ start: start - certain, end: end - certain })),
    },
  };
}

/** A longer secret may end later and begin earlier than one found before: what overlaps becomes one. */
function addOccurrence(found: Range[], start: number, end: number): void {
  let from = start;
  for (let last = found.at(-1); last !== undefined && last.end > start; last = found.at(-1)) {
    from = Math.min(from, last.start);
    found.pop();
  }
  found.push({ start: from, end });
}

/** Shows the bytes before `limit`, occurrences masked; answers with the occurrences that lie behind it. */
function showUntil(
  bytes: Uint8Array,
  found: readonly Range[],
  limit: number,
  shown: Uint8Array[],
): readonly Range[] {
  let position = 0;
  let index = 0;
  for (; index < found.length; index += 1) {
    const range = found[index];
    if (range === undefined || range.start >= limit) break;
    if (range.start > position) shown.push(bytes.subarray(position, range.start));
    shown.push(MASK);
    position = range.end;
  }
  if (position < limit) shown.push(bytes.subarray(position, limit));
  return found.slice(index);
}

const MASK = Buffer.from('[MASKED]');
