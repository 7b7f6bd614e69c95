/**
 * A circle in a graph of names as the path that closes it, its first name not repeated at the end; null when there is
 * none. Names that the graph does not have lead nowhere. Time is linear in the edges; no recursion, so a chain of ten
 * thousand is no deeper than a chain of two.
 */
export function findCycle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const state = new Map<string, 'open' | 'done'>();
  for (const start of graph.keys()) {
    if (state.has(start)) continue;
    const path: { readonly name: string; next: number }[] = [{ name: start, next: 0 }];
    state.set(start, 'open');
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const target = graph.get(top.name)?.[top.next];
      if (target === undefined) {
        state.set(top.name, 'done');
        path.pop();
        continue;
      }
      top.next += 1;
      const seen = state.get(target);
      if (seen === 'open') {
        const names = path.map((step) => step.name);
        return names.slice(names.indexOf(target));
      }
      if (seen === undefined && graph.has(target)) {
        state.set(target, 'open');
        path.push({ name: target, next: 0 });
      }
    }
  }
  return null;
}
