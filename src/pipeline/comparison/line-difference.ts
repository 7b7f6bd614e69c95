/** One line of a comparison: in both, only in the earlier, or only in the later text. */
export interface ComparedLine {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

/**
 * The shortest way from one list of lines to another, removed lines before added ones (Myers, "An O(ND) difference
 * algorithm", 1986). Time is linear in the lines: where more than MOST_STEPS would have to be changed, all between the
 * lines that both begin and end with are.
 */
export function compareLines(before: readonly string[], after: readonly string[]): readonly ComparedLine[] {
  let start = 0;
  const shorter = Math.min(before.length, after.length);
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  return [
    ...before.slice(0, start).map(same),
    ...compareMiddle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same),
  ];
}

const MOST_STEPS = 200;

function same(text: string): ComparedLine {
  return { kind: 'same', text };
}

function compareMiddle(before: readonly string[], after: readonly string[]): readonly ComparedLine[] {
  const trace = before.length === 0 || after.length === 0 ? null : findWay(before, after);
  return trace === null ? allChanged(before, after) : followBack(trace, before, after);
}

function allChanged(before: readonly string[], after: readonly string[]): readonly ComparedLine[] {
  return [
    ...before.map((text): ComparedLine => ({ kind: 'removed', text })),
    ...after.map((text): ComparedLine => ({ kind: 'added', text })),
  ];
}

/** How far each diagonal is reached with so many steps; one entry for each number of steps. */
type Trace = readonly Int32Array[];

function findWay(before: readonly string[], after: readonly string[]): Trace | null {
  const most = Math.min(MOST_STEPS, before.length + after.length);
  const trace: Int32Array[] = [];
  let reached = new Int32Array(2 * most + 3);
  for (let steps = 0; steps <= most; steps++) {
    const next = Int32Array.from(reached);
    for (let diagonal = -steps; diagonal <= steps; diagonal += 2) {
      let x = startOf(reached, diagonal, steps, most);
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x++;
      next[diagonal + most + 1] = x;
      if (x < before.length || x - diagonal < after.length) continue;
      return [...trace, next];
    }
    trace.push(next);
    reached = next;
  }
  return null;
}

/** Where a diagonal begins: one down from the one above, or one to the right from the one below. */
function startOf(reached: Int32Array, diagonal: number, steps: number, most: number): number {
  if (steps === 0) return 0;
  const above = reached[diagonal + most + 2] ?? 0;
  const below = reached[diagonal + most] ?? 0;
  return isDown(above, below, diagonal, steps) ? above : below + 1;
}

function isDown(above: number, below: number, diagonal: number, steps: number): boolean {
  return diagonal === -steps || (diagonal !== steps && below < above);
}

function followBack(
  trace: Trace,
  before: readonly string[],
  after: readonly string[],
): readonly ComparedLine[] {
  const most = ((trace[0]?.length ?? 3) - 3) / 2;
  const lines: ComparedLine[] = [];
  let [x, y] = [before.length, after.length];
  for (let steps = trace.length - 1; steps > 0; steps--) {
    const reached = trace[steps - 1] ?? new Int32Array();
    const diagonal = x - y;
    const above = reached[diagonal + most + 2] ?? 0;
    const below = reached[diagonal + most] ?? 0;
    const down = isDown(above, below, diagonal, steps);
    const startX = down ? above : below + 1;
    for (; x > startX; x--, y--) lines.push(same(before[x - 1] ?? ''));
    if (down) lines.push({ kind: 'added', text: after[--y] ?? '' });
    else lines.push({ kind: 'removed', text: before[--x] ?? '' });
  }
  for (; x > 0; x--) lines.push(same(before[x - 1] ?? ''));
  return lines.reverse();
}
