import type { Problem } from '../../../base/problem.ts';
import {
  type MappingEntry,
  type MappingNode,
  type Node,
  problemAt,
  type ScalarNode,
  type Span,
} from '../../document/index.ts';
import { type BlockScope, evaluateBlock } from './block.ts';
import { textNode, textOfInput } from './input-values.ts';

export interface Interpolation extends BlockScope {
  readonly problems: Problem[];
  /** In front of messages: the included file. */
  readonly prefix: string;
}

const BLOCK = /\$\[\[([\s\S]*?)\]\]/g;
const MAX_BLOCKS = 10_000;
const MAX_BLOCK_LENGTH = 1024;
const MAX_TEXT = 1024 * 1024;

/**
 * Puts inputs in the place of `$[[ inputs.name | function ]]` everywhere in a document, keys included. A text that is
 * nothing but one block takes the value's own type, and an array as an item of a list is spread into it.
 */
export function interpolate(root: MappingNode, interpolation: Interpolation): MappingNode {
  const state: State = { ...interpolation, done: new Map(), blocks: 0 };
  const result = walk(state, root);
  return result.kind === 'mapping' ? result : root;
}

interface State extends Interpolation {
  readonly done: Map<Node, Node>;
  blocks: number;
}

function walk(state: State, node: Node): Node {
  if (node.kind === 'scalar') return scalar(state, node);
  const known = state.done.get(node);
  if (known !== undefined) return known;
  const result = walkOnce(state, node);
  state.done.set(node, result);
  return result;
}

function walkOnce(state: State, node: Exclude<Node, { kind: 'scalar' }>): Node {
  switch (node.kind) {
    case 'reference':
      return { ...node, path: node.path.map((key) => replaceBlocks(state, key, node.span)) };
    case 'sequence':
      return { ...node, items: node.items.flatMap((item) => spliced(state, item)) };
    case 'mapping':
      return { ...node, entries: entriesOf(state, node) };
  }
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
    if (!name.includes('$[[')) {
      entries.set(name, value === entry.value ? entry : { ...entry, value });
      continue;
    }
    const text = replaceBlocks(state, name, entry.key.span);
    entries.set(text, { key: { ...entry.key, value: text, source: text }, value, via: entry.via });
  }
  return entries;
}

function scalar(state: State, node: ScalarNode): Node {
  if (typeof node.value !== 'string' || !node.value.includes('$[[')) return node;
  const whole = /^\s*\$\[\[([\s\S]*?)\]\]\s*$/.exec(node.value);
  const content = whole?.[1];
  if (content !== undefined && !content.includes('$[[')) return value(state, content, node.span) ?? node;
  return textNode(replaceBlocks(state, node.value, node.span), node.span);
}

function replaceBlocks(state: State, text: string, span: Span): string {
  const replaced = text.replaceAll(BLOCK, (block: string, content: string) => {
    const found = value(state, content, span);
    return found === null ? block : textOfInput(found);
  });
  if (replaced.length <= MAX_TEXT) return replaced;
  report(state, span, 'the text is too long once its inputs are filled in');
  return text;
}

/** The value of a block, placed where the block stands; null when it has none, or is left for later. */
function value(state: State, content: string, span: Span): Node | null {
  // `$[[ matrix.NAME ]]` in needs speaks of the job's own matrix and is filled in when jobs are made.
  if (content.trim().startsWith('matrix.')) return null;
  state.blocks++;
  if (state.blocks === MAX_BLOCKS + 1) report(state, span, 'too many interpolation blocks');
  if (state.blocks > MAX_BLOCKS) return null;
  if (content.length > MAX_BLOCK_LENGTH) {
    report(state, span, 'maximum interpolation expression size exceeded');
    return null;
  }
  const result = evaluateBlock(content, state);
  if (result.ok) return { ...result.value, span };
  report(state, span, result.message);
  return null;
}

function report(state: State, span: Span, text: string): void {
  state.problems.push(problemAt(span, { code: 'interpolation', message: `${state.prefix}${text}` }));
}
