import type { WrittenNode } from '../../config/index.ts';
import { type Collector, innerRange, itemsOf, textOf, valueAt } from './collector.ts';

/** The files that `include` names, and the inputs it gives them. Of `trigger:include` also the job an artifact is of. */
export function collectFromIncludes(collector: Collector, node: WrittenNode | undefined): void {
  for (const item of itemsOf(node)) {
    if (item.kind === 'scalar') collectPath(collector, item);
    else collectFromMapping(collector, item);
  }
}

/** The project's path of a local include; null for what is no local path, or is put together from variables. */
export function localPath(written: string): string | null {
  if (/^[a-z]+:\/\//i.test(written) || written.includes('$')) return null;
  const path = written.replace(/^(?:\.?\/)+/, '');
  return path === '' || path.split('/').includes('..') ? null : path;
}

function collectFromMapping(collector: Collector, item: WrittenNode): void {
  const local = valueAt(item, 'local');
  if (local?.kind === 'scalar') collectPath(collector, local);
  const target = textOf(local);
  const inputs = valueAt(item, 'inputs');
  const of = target === null ? null : localPath(target);
  if (inputs?.kind === 'mapping' && of !== null) {
    for (const { key } of inputs.pairs) {
      const name = textOf(key);
      if (key.kind === 'scalar' && name !== null)
        collector.add('input', name, 'reference', innerRange(key), of);
    }
  }
  const job = valueAt(item, 'job');
  const name = textOf(job);
  if (job?.kind === 'scalar' && name !== null && valueAt(item, 'artifact') !== undefined) {
    collector.add('job', name, 'reference', innerRange(job));
  }
}

function collectPath(collector: Collector, node: WrittenNode): void {
  const written = textOf(node);
  const path = written === null ? null : localPath(written);
  if (node.kind === 'scalar' && path !== null) collector.add('file', path, 'reference', innerRange(node));
}
