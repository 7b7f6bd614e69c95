import type { WrittenMapping, WrittenNode, WrittenScalar } from '../../config/index.ts';
import { ROOT_SETTINGS } from '../../config/index.ts';
import { collectFromHeader } from './collect-from-header.ts';
import { collectFromIncludes } from './collect-from-includes.ts';
import { collectFromJob, isJob } from './collect-from-job.ts';
import { collectStages, collectVariableNames, collectWorkflow } from './collect-from-settings.ts';
import { type AliasedKeyword, type Collector, innerRange, newCollector } from './collector.ts';
import { collectFromText } from './names-in-text.ts';
import type { Occurrence } from './occurrence.ts';

/**
 * All names in one block of a file, in the order of the text. It is read as the language reads it, without looking at
 * other files: which of them fit together is asked later.
 */
export function collectNames(text: string, tree: WrittenNode | null, isHeader: boolean): CollectedNames {
  const collector = newCollector(text);
  if (tree?.kind !== 'mapping') return { found: [], aliased: [] };
  for (const { key, value } of tree.pairs) {
    if (key.kind !== 'scalar') continue;
    collector.owner = key.value;
    collectAnywhere(collector, key);
    collectAnywhere(collector, value);
    if (isHeader) collectFromHeader(collector, key.value, value);
    else collectFromRootKey(collector, key, value);
  }
  return { found: inOrder(collector.found), aliased: collector.aliased };
}

export interface CollectedNames {
  readonly found: readonly Occurrence[];
  readonly aliased: readonly AliasedKeyword[];
}

/** Of two at one place the longer one first. */
export function inOrder(found: readonly Occurrence[]): readonly Occurrence[] {
  return found.toSorted((a, b) => a.start - b.start || b.end - a.end);
}

function collectFromRootKey(collector: Collector, key: WrittenScalar, value: WrittenNode): void {
  const isSetting = ROOT_SETTINGS.includes(key.value) && !(mayBeJob(key.value) && isJob(value));
  if (!isSetting) {
    collector.add('job', key.value, 'definition', innerRange(key));
    collectKeys(collector, key.value, value, 0);
    collectFromJob(collector, value);
    return;
  }
  collector.add('key', key.value, 'definition', innerRange(key));
  collectKeys(collector, key.value, value, 0);
  switch (key.value) {
    case 'stages':
      collectStages(collector, value);
      return;
    case 'variables':
      collectVariableNames(collector, value);
      return;
    case 'include':
      collectFromIncludes(collector, value);
      return;
    case 'workflow':
      collectWorkflow(collector, value);
      return;
  }
}

function mayBeJob(name: string): boolean {
  return name === 'default' || name === 'workflow';
}

/** What `!reference` can name: keys of keys, as deep as anyone refers to them. */
function collectKeys(collector: Collector, path: string, node: WrittenNode, depth: number): void {
  if (node.kind !== 'mapping' || depth === MAX_KEY_DEPTH) return;
  for (const { key, value } of node.pairs) {
    if (key.kind !== 'scalar') continue;
    const name = keyName(path, key.value);
    collector.add('key', name, 'definition', innerRange(key));
    collectKeys(collector, name, value, depth + 1);
  }
}

const MAX_KEY_DEPTH = 3;

export function keyName(path: string, key: string): string {
  return `${path}\0${key}`;
}

/** What may stand anywhere: variables, inputs, anchors and aliases, `!reference`. */
function collectAnywhere(collector: Collector, node: WrittenNode): void {
  if (node.anchor !== null) collector.add('anchor', node.anchor.name, 'definition', node.anchor);
  switch (node.kind) {
    case 'scalar':
      collectFromText(collector, node);
      return;
    case 'alias':
      collector.add('anchor', node.name, 'reference', { start: node.start + 1, end: node.end });
      return;
    case 'sequence':
      if (node.reference) collectReference(collector, node.items);
      for (const item of node.items) collectAnywhere(collector, item);
      return;
    case 'mapping':
      collectFromPairs(collector, node);
      return;
  }
}

function collectFromPairs(collector: Collector, node: WrittenMapping): void {
  for (const { key, value } of node.pairs) {
    collectAnywhere(collector, key);
    collectAnywhere(collector, value);
  }
}

/** `!reference [job, key, …]`: a job (or a setting), then keys below it. */
function collectReference(collector: Collector, items: readonly WrittenNode[]): void {
  let path = '';
  for (const [index, item] of items.entries()) {
    if (item.kind !== 'scalar') return;
    path = index === 0 ? item.value : keyName(path, item.value);
    collector.add(index === 0 ? 'job' : 'key', path, 'reference', innerRange(item));
  }
}
