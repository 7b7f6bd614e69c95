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

const OPEN = '$[[';
const CLOSE = ']]';
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
    if (!name.includes(OPEN)) {
      entries.set(name, value === entry.value ? entry : { ...entry, value });
      continue;
    }
    const text = replaceBlocks(state, name, entry.key.span);
    entries.set(text, { key: { ...entry.key, value: text, source: text }, value, via: entry.via });
  }
  return entries;
}

function scalar(state: State, node: ScalarNode): Node {
  if (typeof node.value !== 'string' || !node.value.includes(OPEN)) return node;
  const content = onlyBlock(node.value.trim());
  if (content !== null) return value(state, content, node.span) ?? node;
  return textNode(replaceBlocks(state, node.value, node.span), node.span);
}

/** What stands in the block that a text consists of; null when there is more than one block in it. */
function onlyBlock(text: string): string | null {
  if (!text.startsWith(OPEN) || text.indexOf(CLOSE) !== text.length - CLOSE.length) return null;
  return text.slice(OPEN.length, -CLOSE.length);
}

/** Looks for the marks from left to right, once: a regular expression would search again from every `$[[`. */
function replaceBlocks(state: State, text: string, span: Span): string {
  const parts: string[] = [];
  let length = 0;
  let from = 0;
  for (;;) {
    const open = text.indexOf(OPEN, from);
    const close = open === -1 ? -1 : text.indexOf(CLOSE, open);
    const part =
      close === -1 ? text.slice(from) : text.slice(from, open) + blockText(state, text, open, close, span);
    parts.push(part);
    length += part.length;
    if (length > MAX_TEXT) {
      report(state, span, 'the text is too long once its inputs are filled in');
      return text;
    }
    if (close === -1) return parts.join('');
    from = close + CLOSE.length;
  }
}

function blockText(state: State, text: string, open: number, close: number, span: Span): string {
  const found = value(state, text.slice(open + OPEN.length, close), span);
  return found === null ? text.slice(open, close + CLOSE.length) : textOfInput(found);
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
  state.problems.push(problemAt(span, { code: 'invalid-interpolation', message: `${state.prefix}${text}` }));
}
