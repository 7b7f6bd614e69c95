import type { WrittenNode } from '../../config/index.ts';
import { type Collector, innerRange, itemsOf, textOf, valueAt } from './collector.ts';

export function collectStages(collector: Collector, node: WrittenNode): void {
  for (const item of itemsOf(node)) {
    const name = textOf(item);
    if (item.kind === 'scalar' && name !== null) collector.add('stage', name, 'definition', innerRange(item));
  }
}

/** The keys of a mapping, each of which gives a variable a value. */
export function collectVariableNames(collector: Collector, node: WrittenNode | undefined): void {
  if (node?.kind !== 'mapping') return;
  for (const { key } of node.pairs) {
    const name = textOf(key);
    if (key.kind !== 'scalar' || name === null || name === '<<') continue;
    collector.add('variable', name, 'definition', innerRange(key));
  }
}

export function collectWorkflow(collector: Collector, node: WrittenNode): void {
  for (const rule of itemsOf(valueAt(node, 'rules'))) {
    collectVariableNames(collector, valueAt(rule, 'variables'));
  }
}
