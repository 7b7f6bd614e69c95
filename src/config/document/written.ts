import {
  type AliasEvent,
  COLLECTION_STYLE,
  EVENT_ID,
  type Event,
  getScalarValue,
  type MappingEvent,
  SCALAR_STYLE,
  type ScalarEvent,
  type SequenceEvent,
  YAMLException,
} from 'js-yaml';
import { collectionEnd, scalarRange, type TextRange } from './event-ranges.ts';
import { readEvents } from './parse-events.ts';
import { tagText } from './tags.ts';

/**
 * YAML as it is written, for editors: aliases and `<<` are not followed, every pair of a mapping is there, also one
 * whose key stands twice, and nothing is said about the language. Offsets are into the text that was parsed.
 */
export type WrittenNode = WrittenScalar | WrittenSequence | WrittenMapping | WrittenAlias;

interface WrittenParts extends TextRange {
  /** The name after `&`, without it. */
  readonly anchor: WrittenName | null;
}

export interface WrittenScalar extends WrittenParts {
  readonly kind: 'scalar';
  /** Without quotes and escapes; empty for a value that was left out. */
  readonly value: string;
  readonly style: 'plain' | 'quoted' | 'block';
}

export interface WrittenSequence extends WrittenParts {
  readonly kind: 'sequence';
  readonly items: readonly WrittenNode[];
  readonly flow: boolean;
  /** It is a `!reference [job, key]`. */
  readonly reference: boolean;
}

export interface WrittenMapping extends WrittenParts {
  readonly kind: 'mapping';
  readonly pairs: readonly WrittenPair[];
  readonly flow: boolean;
}

export interface WrittenPair {
  readonly key: WrittenNode;
  readonly value: WrittenNode;
}

/** `*name`; the range includes the `*`. */
export interface WrittenAlias extends WrittenParts {
  readonly kind: 'alias';
  readonly name: string;
}

export interface WrittenName extends TextRange {
  readonly name: string;
}

export type WrittenReading =
  | { readonly ok: true; readonly documents: readonly WrittenNode[] }
  /** Where the parser gave up. */
  | { readonly ok: false; readonly position: number };

/** Parses a text without recursion and in time linear in it; a syntax error is an answer. */
export function parseWritten(text: string): WrittenReading {
  try {
    return { ok: true, documents: build(text, readEvents(text)) };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    return { ok: false, position: Math.min(error.mark?.position ?? 0, text.length) };
  }
}

interface Building {
  readonly text: string;
  readonly documents: WrittenNode[];
  readonly frames: Frame[];
  /** Where the last token ended. */
  position: number;
}

/** A collection that is not closed yet; a document has no event. A mapping's keys and values stand in turn. */
interface Frame {
  readonly event: SequenceEvent | MappingEvent | null;
  readonly nodes: WrittenNode[];
}

function build(text: string, events: readonly Event[]): readonly WrittenNode[] {
  const building: Building = { text, documents: [], frames: [], position: 0 };
  for (const event of events) {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        building.frames.push({ event: null, nodes: [] });
        break;
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING:
        building.position = event.start + 1;
        building.frames.push({ event, nodes: [] });
        break;
      case EVENT_ID.SCALAR:
        add(building, scalarOf(building, event));
        break;
      case EVENT_ID.ALIAS:
        add(building, aliasOf(building, event));
        break;
      case EVENT_ID.POP:
        close(building);
        break;
    }
  }
  return building.documents;
}

function add(building: Building, node: WrittenNode): void {
  building.position = node.end;
  building.frames.at(-1)?.nodes.push(node);
}

function close(building: Building): void {
  const frame = building.frames.pop();
  if (frame === undefined) return;
  if (frame.event === null) {
    const [root] = frame.nodes;
    if (root !== undefined) building.documents.push(root);
    return;
  }
  add(building, collectionOf(building, frame.event, frame.nodes));
}

function scalarOf({ text, position }: Building, event: ScalarEvent): WrittenScalar {
  const { start, end } = scalarRange(text, event, position);
  const value = event.valueStart < 0 ? '' : getScalarValue(text, event);
  return { kind: 'scalar', value, style: styleOf(event), anchor: anchorOf(text, event), start, end };
}

function styleOf({ style, valueStart }: ScalarEvent): WrittenScalar['style'] {
  if (style === SCALAR_STYLE.PLAIN || valueStart < 0) return 'plain';
  return style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK ? 'block' : 'quoted';
}

function aliasOf({ text }: Building, { anchorStart, anchorEnd }: AliasEvent): WrittenAlias {
  const name = text.slice(anchorStart, anchorEnd);
  return { kind: 'alias', name, anchor: null, start: anchorStart - 1, end: anchorEnd };
}

function collectionOf(
  { text, position }: Building,
  event: SequenceEvent | MappingEvent,
  nodes: readonly WrittenNode[],
): WrittenNode {
  const range = { start: event.start, end: collectionEnd(text, event.start, position) };
  const parts = { anchor: anchorOf(text, event), flow: event.style === COLLECTION_STYLE.FLOW, ...range };
  if (event.type === EVENT_ID.MAPPING) return { kind: 'mapping', pairs: pairsOf(nodes), ...parts };
  const reference = event.tagStart >= 0 && tagText(text, event) === '!reference';
  return { kind: 'sequence', items: nodes, reference, ...parts };
}

function pairsOf(nodes: readonly WrittenNode[]): readonly WrittenPair[] {
  const pairs: WrittenPair[] = [];
  for (let index = 0; index < nodes.length; index += 2) {
    const [key, value] = [nodes[index], nodes[index + 1]];
    if (key !== undefined && value !== undefined) pairs.push({ key, value });
  }
  return pairs;
}

function anchorOf(
  text: string,
  { anchorStart, anchorEnd }: { readonly anchorStart: number; readonly anchorEnd: number },
): WrittenName | null {
  if (anchorStart < 0) return null;
  return { name: text.slice(anchorStart, anchorEnd), start: anchorStart, end: anchorEnd };
}
