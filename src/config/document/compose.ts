import {
  type AliasEvent,
  EVENT_ID,
  type Event,
  getScalarValue,
  type MappingEvent,
  SCALAR_STYLE,
  type ScalarEvent,
  type SequenceEvent,
} from 'js-yaml';
import type { Problem } from '../../base/problem.ts';
import { collectionEnd, scalarRange } from './event-ranges.ts';
import { MAX_DEPTH, MAX_NODES } from './limits.ts';
import { mergeInto } from './merge-key.ts';
import type { MappingEntry, Node, ScalarNode, SourceText, Span } from './node.ts';
import { type ProblemDetails, problemAt } from './problem-at.ts';
import { resolvePlainScalar, scalarText } from './resolve-scalar.ts';
import { collectionTag, explicitScalar, tagText } from './tags.ts';

/**
 * Builds the tree of each document from the parser's events, in one pass and without recursion. An alias becomes the
 * very node its anchor named; how large the tree would be with copies in their place is counted as it grows, and
 * composing stops when that passes the limits.
 */
export function composeDocuments(
  file: SourceText,
  events: readonly Event[],
): { readonly documents: readonly Node[]; readonly problems: readonly Problem[] } {
  const composer = newComposer(file);
  for (const event of events) {
    compose(composer, event);
    if (composer.stopped) return { documents: [], problems: composer.problems };
  }
  return { documents: composer.documents, problems: composer.problems };
}

interface Composer {
  readonly file: SourceText;
  readonly documents: Node[];
  readonly problems: Problem[];
  readonly frames: Frame[];
  readonly anchors: Map<string, Anchor>;
  readonly anchorNames: Map<Node, string>;
  /** Where the last token ended: the place of a value that was left out. */
  position: number;
  nodes: number;
  stopped: boolean;
}

interface Frame {
  readonly event: SequenceEvent | MappingEvent | null;
  /** Filled unless the frame is a mapping's. */
  readonly items: Node[];
  /** Filled when the frame is a mapping's; one empty map is shared by all others. */
  readonly entries: Map<string, MappingEntry>;
  key: Node | null;
  depth: number;
  readonly nodesBefore: number;
}

/** A node with what it costs wherever it is used. */
interface Anchor {
  readonly node: Node;
  readonly nodes: number;
  readonly depth: number;
}

function newComposer(file: SourceText): Composer {
  return {
    file,
    documents: [],
    problems: [],
    frames: [],
    anchors: new Map(),
    anchorNames: new Map(),
    position: 0,
    nodes: 0,
    stopped: false,
  };
}

function compose(composer: Composer, event: Event): void {
  switch (event.type) {
    case EVENT_ID.DOCUMENT:
      composer.anchors.clear();
      composer.anchorNames.clear();
      composer.frames.push(newFrame(composer, null));
      return;
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      composer.position = event.start + 1;
      composer.frames.push(newFrame(composer, event));
      if (composer.frames.length > MAX_DEPTH + 1) stopTooBig(composer, event.start, 'nested too deeply');
      return;
    case EVENT_ID.SCALAR: {
      const node = composeScalar(composer, event);
      composer.position = node.span.end;
      nameAnchor(composer, event, node, 1, 1);
      addNode(composer, node, 1, 1);
      return;
    }
    case EVENT_ID.ALIAS:
      composeAlias(composer, event);
      return;
    case EVENT_ID.POP:
      closeFrame(composer);
      return;
  }
}

function newFrame(composer: Composer, event: Frame['event']): Frame {
  const mapping = event?.type === EVENT_ID.MAPPING;
  return {
    event,
    items: mapping ? NO_ITEMS : [],
    entries: mapping ? new Map() : NO_ENTRIES,
    key: null,
    depth: 0,
    nodesBefore: composer.nodes,
  };
}

const NO_ITEMS: Node[] = [];
const NO_ENTRIES = new Map<string, MappingEntry>();

function closeFrame(composer: Composer): void {
  const frame = composer.frames.pop();
  if (frame === undefined) return;
  if (frame.event === null) {
    const [root] = frame.items;
    if (root !== undefined) composer.documents.push(root);
    return;
  }
  const { event } = frame;
  const { file, position } = composer;
  const span = { file, start: event.start, end: collectionEnd(file.text, event.start, position) };
  composer.position = span.end;
  const node = collectionOf(composer, frame, event, span);
  const nodes = composer.nodes - frame.nodesBefore + 1;
  nameAnchor(composer, event, node, nodes, frame.depth + 1);
  addNode(composer, node, 1, frame.depth + 1);
}

function collectionOf(
  composer: Composer,
  frame: Frame,
  event: SequenceEvent | MappingEvent,
  span: Span,
): Node {
  const node: Node =
    event.type === EVENT_ID.SEQUENCE
      ? { kind: 'sequence', items: frame.items, span }
      : { kind: 'mapping', entries: frame.entries, span };
  if (event.tagStart < 0) return node;
  const tagged = collectionTag(node, tagText(composer.file.text, event), {
    ...span,
    start: event.tagStart,
  });
  keep(composer, tagged.problems);
  return tagged.node;
}

/** `nodes` is what this call adds to the document: 1 for a written node, the whole size for an alias. */
function addNode(composer: Composer, node: Node, nodes: number, depth: number): void {
  composer.nodes += nodes;
  if (composer.nodes > MAX_NODES) {
    stopTooBig(composer, composer.position, `more than ${MAX_NODES} values once its aliases are filled in`);
    return;
  }
  const frame = composer.frames.at(-1);
  if (frame === undefined) return;
  if (depth > frame.depth) frame.depth = depth;
  if (frame.event?.type !== EVENT_ID.MAPPING) frame.items.push(node);
  else if (frame.key === null) frame.key = node;
  else {
    const { key } = frame;
    frame.key = null;
    addEntry(composer, frame, key, node);
  }
}

function addEntry(composer: Composer, frame: Frame, key: Node, value: Node): void {
  if (key.kind !== 'scalar') {
    report(composer, key.span, {
      code: 'yaml-complex-key',
      message: 'A list or a mapping cannot be a key',
      hint: 'Put the key in quotes when it is meant as text.',
    });
    return;
  }
  const name = scalarText(key);
  if (name === '<<') {
    const anchorName = (node: Node) => composer.anchorNames.get(node) ?? '<<';
    const merged = mergeInto(frame.entries, key, value, anchorName);
    composer.nodes += merged.added;
    keep(composer, merged.problems);
    return;
  }
  const before = frame.entries.get(name);
  if (before !== undefined && before.via.length === 0) {
    report(composer, key.span, {
      code: 'yaml-duplicate-key',
      severity: 'warning',
      message: `The key \`${name}\` is written twice; the last one wins`,
      hint: 'Remove one of the two.',
    });
  }
  frame.entries.set(name, { key, value, via: NOT_MOVED });
}

const NOT_MOVED: readonly never[] = [];

function composeScalar(composer: Composer, event: ScalarEvent): ScalarNode {
  const { text } = composer.file;
  const source = getScalarValue(text, event);
  const { start, end } = scalarRange(text, event, composer.position);
  const span = { file: composer.file, start, end };
  const quoted = event.style !== SCALAR_STYLE.PLAIN;
  if (event.tagStart >= 0) {
    const tagged = explicitScalar(source, tagText(text, event), { ...span, start: event.tagStart });
    keep(composer, tagged.problems);
    if (tagged.value !== undefined) return { kind: 'scalar', value: tagged.value, source, quoted, span };
  }
  if (quoted) return { kind: 'scalar', value: source, source, quoted, span };
  const resolved = resolvePlainScalar(source);
  if (resolved.kind === 'value') return { kind: 'scalar', value: resolved.value, source, quoted, span };
  report(composer, span, {
    code: 'yaml-unquoted-date',
    message: `Tried to load unspecified class: ${resolved.type}`,
    hint: `Put the ${resolved.type.toLowerCase()} in quotes: "${source}".`,
  });
  return { kind: 'scalar', value: source, source, quoted, span };
}

function composeAlias(composer: Composer, event: AliasEvent): void {
  const { file } = composer;
  const name = file.text.slice(event.anchorStart, event.anchorEnd);
  const span = { file, start: event.anchorStart - 1, end: event.anchorEnd };
  composer.position = span.end;
  const anchor = composer.anchors.get(name);
  if (anchor === undefined) {
    report(composer, span, unknownAlias(composer, name));
    addNode(composer, { kind: 'scalar', value: null, source: '', quoted: false, span }, 1, 1);
    return;
  }
  if (composer.frames.length + anchor.depth > MAX_DEPTH + 2) {
    stopTooBig(composer, span.start, 'nested too deeply once its aliases are filled in');
    return;
  }
  addNode(composer, anchor.node, anchor.nodes, anchor.depth);
}

function unknownAlias(composer: Composer, name: string): ProblemDetails {
  const { text } = composer.file;
  const open = composer.frames.some(
    ({ event }) => event !== null && text.slice(event.anchorStart, event.anchorEnd) === name && name !== '',
  );
  if (open) return { code: 'yaml-alias', message: `The alias \`*${name}\` stands inside the value it names` };
  return {
    code: 'yaml-alias',
    message: `Unknown alias: ${name}`,
    hint: `Write \`&${name}\` before the value it stands for; anchors do not reach across files.`,
  };
}

function nameAnchor(
  composer: Composer,
  event: ScalarEvent | SequenceEvent | MappingEvent,
  node: Node,
  nodes: number,
  depth: number,
): void {
  if (event.anchorStart < 0) return;
  const name = composer.file.text.slice(event.anchorStart, event.anchorEnd);
  composer.anchors.set(name, { node, nodes, depth });
  composer.anchorNames.set(node, name);
}

function stopTooBig(composer: Composer, start: number, reason: string): void {
  const { file, problems } = composer;
  composer.stopped = true;
  problems.push(
    problemAt(
      { file, start, end: Math.min(start + 1, file.text.length) },
      { code: 'yaml-too-big', message: `The parsed YAML is too big: ${reason}` },
    ),
  );
}

function report(composer: Composer, span: Span, details: ProblemDetails): void {
  const { problems } = composer;
  const room = details.severity === 'warning' ? MAX_WARNINGS : 2 * MAX_WARNINGS;
  if (problems.length < room) problems.push(problemAt(span, details));
}

function keep(composer: Composer, found: readonly Problem[]): void {
  const { problems } = composer;
  for (const problem of found) {
    const room = problem.severity === 'warning' ? MAX_WARNINGS : 2 * MAX_WARNINGS;
    if (problems.length < room) problems.push(problem);
  }
}

/** Nobody reads more, and a hostile file could ask for hundreds of thousands. Errors find room after them. */
const MAX_WARNINGS = 1_000;
