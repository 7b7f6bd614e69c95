import type { Problem } from '../../../base/problem.ts';
import {
  MAX_NODES,
  type MappingEntry,
  type MappingNode,
  type Node,
  problemAt,
  type ScalarNode,
  type Span,
} from '../../document/index.ts';
import { type BlockScope, evaluateBlock } from './block.ts';
import type { BlockResult } from './block-result.ts';
import { type Block, findBlocks, OPEN } from './find-blocks.ts';
import { textNode, textOfInput } from './plain-values.ts';

export interface Interpolation extends BlockScope {
  readonly problems: Problem[];
  /** In front of messages: the included file. */
  readonly prefix: string;
}

const MAX_BLOCKS = 10_000;
const MAX_TEXT = 1024 * 1024;
/** Of all that is put in, so that a large input named again and again cannot fill the memory. */
const MAX_FILLED = 16 * 1024 * 1024;

/**
 * Puts inputs in the place of `$[[ inputs.name | function ]]` everywhere in a document, keys included, but not in the
 * path of a `!reference`. A text that is nothing but one block takes the value's own type, and an array as an item of a
 * list is spread into it.
 */
export function interpolate(root: MappingNode, interpolation: Interpolation): MappingNode {
  const state: State = { ...interpolation, done: new Map(), results: new Map(), nodes: 0, filled: 0 };
  const result = walk(state, root);
  return result.kind === 'mapping' ? result : root;
}

interface State extends Interpolation {
  readonly done: Map<Node, Node>;
  /** By what stands in the block: the same block is evaluated, and complained about, once. */
  readonly results: Map<string, Evaluated | null>;
  /** Values put in so far, and characters of text. */
  nodes: number;
  filled: number;
}

interface Evaluated {
  readonly result: BlockResult;
  /** How many values it holds. */
  readonly nodes: number;
}

function walk(state: State, node: Node): Node {
  if (node.kind === 'scalar') return scalar(state, node);
  if (node.kind === 'reference') return node;
  const known = state.done.get(node);
  if (known !== undefined) return known;
  const result: Node =
    node.kind === 'sequence'
      ? { ...node, items: node.items.flatMap((item) => spliced(state, item)) }
      : { ...node, entries: entriesOf(state, node) };
  state.done.set(node, result);
  return result;
}

function spliced(state: State, item: Node): readonly Node[] {
  const value = walk(state, item);
  const inserted = item.kind === 'scalar' && value.kind === 'sequence';
  return inserted ? value.items : [value];
}

function entriesOf(state: State, node: MappingNode): ReadonlyMap<string, MappingEntry> {
  const entries = new Map<string, MappingEntry>();
  for (const [name, entry] of node.entries) {
    const value = walk(state, entry.value);
    if (!name.includes(OPEN)) {
      entries.set(name, value === entry.value ? entry : { ...entry, value });
      continue;
    }
    const text = replaceBlocks(state, name, findBlocks(name), entry.key.span);
    entries.set(text, { key: { ...entry.key, value: text, source: text }, value, via: entry.via });
  }
  return entries;
}

function scalar(state: State, node: ScalarNode): Node {
  const { span, value: text } = node;
  if (typeof text !== 'string' || !text.includes(OPEN)) return node;
  const blocks = findBlocks(text);
  const [block] = blocks;
  if (block === undefined) return node;
  if (block.start > 0 || block.end < text.length)
    return textNode(replaceBlocks(state, text, blocks, span), span);
  return value(state, block, span) ?? node;
}

function replaceBlocks(state: State, text: string, blocks: readonly Block[], span: Span): string {
  const parts: string[] = [];
  let length = text.length;
  let from = 0;
  for (const block of blocks) {
    const found = value(state, block, span);
    if (found === null) continue;
    const filled = textOfInput(found);
    parts.push(text.slice(from, block.start), filled);
    length += filled.length;
    state.filled += filled.length;
    if (length > MAX_TEXT || state.filled > MAX_FILLED) {
      report(state, span, length > MAX_TEXT ? 'config node too large' : 'config too large');
      return text;
    }
    from = block.end;
  }
  parts.push(text.slice(from));
  return parts.join('');
}

/** The value of a block, placed where the block stands; null when it has none, or is left for later. */
function value(state: State, { content }: Block, span: Span): Node | null {
  const known = state.results.get(content);
  const evaluated = known === undefined ? evaluate(state, content, span) : known;
  if (evaluated?.result.ok !== true) return null;
  state.nodes += evaluated.nodes;
  if (state.nodes > MAX_NODES) {
    report(state, span, 'config too large');
    return null;
  }
  return { ...evaluated.result.value, span };
}

function evaluate(state: State, content: string, span: Span): Evaluated | null {
  if (state.results.size === MAX_BLOCKS) report(state, span, 'too many interpolation blocks');
  if (state.results.size >= MAX_BLOCKS) return null;
  const evaluated = leftForLater(content) ? null : sized(evaluateBlock(content, state));
  state.results.set(content, evaluated);
  if (evaluated?.result.ok === false) report(state, span, evaluated.result.message);
  return evaluated;
}

/** `$[[ matrix.NAME ]]` in needs speaks of the job's own matrix and is filled in when jobs are made. */
function leftForLater(content: string): boolean {
  return /^matrix(?:[.|\s]|$)/.test(content);
}

function sized(result: BlockResult): Evaluated {
  return { result, nodes: result.ok ? sizeOf(result.value) : 0 };
}

function sizeOf(node: Node): number {
  if (node.kind === 'sequence') return node.items.reduce((size, item) => size + sizeOf(item), 1);
  if (node.kind !== 'mapping') return 1;
  let size = 1;
  for (const entry of node.entries.values()) size += sizeOf(entry.value);
  return size;
}

/** What is too large or too many is said once. */
function report(state: State, span: Span, text: string): void {
  if (text.includes('too ') && state.problems.some(({ message }) => message === `${state.prefix}${text}`))
    return;
  state.problems.push(problemAt(span, { code: 'invalid-interpolation', message: `${state.prefix}${text}` }));
}
