import type { TextRange, WrittenNode, WrittenPair, WrittenScalar } from '../../config/index.ts';
import { blockAt, type FileIndex } from './file-index.ts';
import { lineStart } from './line-start.ts';
import { parseBlock } from './parse-block.ts';
import { type Probe, probeLine, STAND_IN } from './probe-line.ts';

/** Where in the tree something is being typed. */
export interface CursorPlace {
  /** A key of a mapping, or a value. A fresh place that may become either is a `key` that `mayBeValue`. */
  readonly kind: 'key' | 'value';
  readonly mayBeValue: boolean;
  /** The keys that lead there from the root, without the one that is being typed; items of lists have none. */
  readonly keys: readonly string[];
  /** Keys of the same mapping. */
  readonly siblings: readonly WrittenPair[];
  /** The pairs of the mapping around: of a key in `inputs`, those of the include that the inputs are for. */
  readonly around: readonly WrittenPair[];
  /** The items before it, where it stands in a `!reference [...]`; else null. */
  readonly reference: readonly string[] | null;
  /** What has been typed of it: an answer replaces this. */
  readonly typed: TextRange;
  /** The quotes it stands in. */
  readonly quote: '"' | "'" | null;
  /** It stands in a `[list]` or `{mapping}`. */
  readonly flow: boolean;
  /** A `:` follows already. */
  readonly hasColon: boolean;
  readonly isHeader: boolean;
}

/**
 * Finds out where the cursor is, although what stands there may be no YAML yet: the line is completed to one that is, and
 * only the key at the root that it belongs to is parsed. Null in comments and text blocks.
 */
export function cursorPlace(file: FileIndex, offset: number): CursorPlace | null {
  const { text } = file;
  const start = lineStart(text, offset);
  const probe = probeLine(text.slice(start, offset), restOfLine(text, offset));
  if (probe === null) return null;
  const block = blockAt(file, start);
  const isHeader = block?.content.isHeader ?? false;
  const typed = { start: start + probe.typedFrom, end: offset + probe.typedAfter };
  const { quote, flow, hasColon } = probe;
  const parts = { typed, quote, flow, hasColon, isHeader };
  if (probe.indent === 0 && !probe.isItem && !flow && probe.kind === 'key') {
    return { kind: 'key', mayBeValue: false, keys: [], siblings: [], around: [], reference: null, ...parts };
  }
  if (block === null) return null;
  if (isInTextBlock(block.content.tree, offset - block.start)) return null;
  const found = findStandIn(textWith(file, block, start, offset, probe));
  return found === null ? null : { ...found, ...parts };
}

/** The block's text with the line put right. */
function textWith(file: FileIndex, block: TextRange, start: number, offset: number, probe: Probe): string {
  const lineEnd = offset + restOfLine(file.text, offset).length;
  const end = Math.max(block.end, lineEnd);
  return file.text.slice(block.start, start) + probe.line + file.text.slice(lineEnd, end);
}

function restOfLine(text: string, offset: number): string {
  return /[^\r\n]*/y.exec(text.slice(offset, offset + MAX_LINE))?.[0] ?? '';
}

const MAX_LINE = 10_000;

function isInTextBlock(tree: WrittenNode | null, offset: number): boolean {
  return scalarAt(tree, offset)?.style === 'block';
}

/** The value that an offset is in; keys are not looked at. */
export function scalarAt(tree: WrittenNode | null, offset: number): WrittenScalar | null {
  let node = tree;
  while (node !== null) {
    if (node.kind === 'scalar') return node.start <= offset && offset <= node.end ? node : null;
    if (node.kind === 'alias') return null;
    const inner: readonly WrittenNode[] =
      node.kind === 'sequence' ? node.items : node.pairs.map(({ value }) => value);
    node = inner.findLast((one) => one.start <= offset) ?? null;
  }
  return null;
}

type FoundPlace = Pick<CursorPlace, 'kind' | 'mayBeValue' | 'keys' | 'siblings' | 'around' | 'reference'>;

function findStandIn(text: string): FoundPlace | null {
  const { tree } = parseBlock(text);
  return tree === null ? null : search(tree, [], []);
}

function search(
  node: WrittenNode,
  keys: readonly string[],
  around: readonly WrittenPair[],
): FoundPlace | null {
  switch (node.kind) {
    case 'alias':
      return null;
    case 'scalar':
      return node.value.includes(STAND_IN) ? valueAt(keys, null) : null;
    case 'sequence':
      for (const [index, item] of node.items.entries()) {
        const found = search(item, keys, around);
        if (found === null) continue;
        if (!node.reference || item.kind !== 'scalar') return found;
        return valueAt(
          keys,
          node.items.slice(0, index).flatMap((one) => (one.kind === 'scalar' ? one.value : [])),
        );
      }
      return null;
    case 'mapping':
      for (const { key, value } of node.pairs) {
        if (key.kind !== 'scalar') continue;
        if (key.value.includes(STAND_IN)) {
          const siblings = node.pairs.filter((pair) => pair.key !== key);
          const isFresh = siblings.length === 0 && value.kind === 'scalar' && value.value === '';
          return { kind: 'key', mayBeValue: isFresh, keys, siblings, around, reference: null };
        }
        const found = search(value, [...keys, key.value], node.pairs);
        if (found !== null) return found;
      }
      return null;
  }
}

function valueAt(keys: readonly string[], reference: readonly string[] | null): FoundPlace {
  return { kind: 'value', mayBeValue: true, keys, siblings: [], around: [], reference };
}
