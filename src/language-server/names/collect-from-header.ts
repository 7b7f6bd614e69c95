import type { WrittenNode } from '../../config/index.ts';
import { type Collector, innerRange, textOf, valueAt } from './collector.ts';

/** The inputs that a file's header declares. */
export function collectFromHeader(collector: Collector, key: string, value: WrittenNode): void {
  const inputs = key === 'spec' ? valueAt(value, 'inputs') : undefined;
  if (inputs?.kind !== 'mapping') return;
  for (const pair of inputs.pairs) {
    const name = textOf(pair.key);
    if (pair.key.kind === 'scalar' && name !== null) {
      collector.add('input', name, 'definition', innerRange(pair.key));
    }
  }
}
