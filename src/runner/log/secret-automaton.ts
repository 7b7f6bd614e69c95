/**
 * Finds any of many byte strings in one pass (Aho and Corasick, "Efficient string matching", 1975), as a complete
 * transition table: one lookup per byte whatever the number of secrets. Bytes that occur in no secret share one
 * column, which keeps the table small enough for the processor's cache.
 */
export interface SecretAutomaton {
  /** Column of the table for each byte. */
  readonly columnOf: Uint8Array;
  readonly columns: number;
  /** `next[state + column]`; states are premultiplied by the number of columns, 0 is the start. */
  readonly next: Int32Array;
  /** By state number (not premultiplied): how many of the last bytes are the beginning of a secret. */
  readonly depth: Int32Array;
  /** By state number: length of the longest secret that ends here; 0 for none. */
  readonly ending: Int32Array;
}

export function buildSecretAutomaton(secrets: readonly Uint8Array[]): SecretAutomaton {
  const { columnOf, columns } = assignColumns(secrets);
  const size = 1 + secrets.reduce((sum, secret) => sum + secret.length, 0);
  const next = new Int32Array(size * columns).fill(-1);
  const depth = new Int32Array(size);
  const ending = new Int32Array(size);
  const states = insertSecrets(secrets, { columnOf, columns, next, depth, ending });
  completeTransitions(states, { columns, next, ending });
  return { columnOf, columns, next, depth, ending };
}

function assignColumns(secrets: readonly Uint8Array[]): { columnOf: Uint8Array; columns: number } {
  const columnOf = new Uint8Array(256);
  let columns = 1;
  for (const secret of secrets) {
    for (const byte of secret) {
      // When all 256 bytes occur, the last one is left in the shared column, which it then has to itself.
      if (columnOf[byte] === 0 && columns < 256) {
        columnOf[byte] = columns;
        columns += 1;
      }
    }
  }
  return { columnOf, columns };
}

/** Builds the tree of prefixes; answers with the number of states. */
function insertSecrets(secrets: readonly Uint8Array[], table: SecretAutomaton): number {
  let states = 1;
  for (const secret of secrets) {
    let state = 0;
    for (const byte of secret) {
      const cell = state * table.columns + at(table.columnOf, byte);
      const known = at(table.next, cell);
      if (known === -1) {
        table.next[cell] = states;
        table.depth[states] = at(table.depth, state) + 1;
        state = states;
        states += 1;
      } else state = known;
    }
    table.ending[state] = secret.length;
  }
  return states;
}

/** Breadth first: a missing transition is the one of the longest proper suffix that is also a prefix. */
function completeTransitions(
  states: number,
  table: Pick<SecretAutomaton, 'columns' | 'next' | 'ending'>,
): void {
  const { columns, next, ending } = table;
  const suffix = new Int32Array(states);
  const queue = [0];
  for (const state of queue) {
    const shorter = at(suffix, state);
    ending[state] = Math.max(at(ending, state), at(ending, shorter));
    for (let column = 0; column < columns; column += 1) {
      const cell = state * columns + column;
      const child = at(next, cell);
      const fallback = state === 0 ? 0 : at(next, shorter * columns + column);
      if (child === -1) next[cell] = fallback;
      else {
        suffix[child] = state === 0 ? 0 : fallback / columns;
        queue.push(child);
        next[cell] = child * columns;
      }
    }
  }
}

/** Typed arrays answer `undefined` only outside their bounds, where these loops never are. */
function at(array: Int32Array | Uint8Array, index: number): number {
  return array[index] ?? 0;
}
