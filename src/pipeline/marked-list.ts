/** An item of a marked list: its bits say what a reader may look for. */
export interface Marked {
  readonly bits: number;
}

/**
 * A list of fixed length that never changes: replacing an item gives a new list that shares all but O(log n) of the
 * old one. Every node knows the bits of all items below it, so "is there one in this range that…" and "which is the
 * first that…" take O(log n) steps too.
 */
export interface MarkedList<T extends Marked> {
  readonly length: number;
  readonly root: Node<T>;
}

/** The nodes that one series of changes has made itself: nobody else has seen them, so it may change them in place. */
export type OwnNodes = Set<object>;

type Node<T extends Marked> = Leaf<T> | Branch<T>;

interface Leaf<T extends Marked> {
  readonly kind: 'leaf';
  bits: number;
  readonly items: T[];
}

interface Branch<T extends Marked> {
  readonly kind: 'branch';
  bits: number;
  /** How many items each child holds; the last one may hold fewer. */
  readonly span: number;
  readonly nodes: Node<T>[];
}

const WIDTH = 32;

export function markedListOf<T extends Marked>(items: readonly T[]): MarkedList<T> {
  let level: Node<T>[] = groupsOf(items).map((group) => ({
    kind: 'leaf',
    bits: bitsOf(group),
    items: group,
  }));
  for (let span = WIDTH; level.length > 1; span *= WIDTH) {
    level = groupsOf(level).map((nodes) => ({ kind: 'branch', bits: bitsOf(nodes), span, nodes }));
  }
  return { length: items.length, root: level[0] ?? { kind: 'leaf', bits: 0, items: [] } };
}

/** Throws a RangeError outside the list. */
export function itemAt<T extends Marked>(list: MarkedList<T>, index: number): T {
  return itemInNode(list.root, index);
}

export function* itemsOf<T extends Marked>(list: MarkedList<T>): Generator<T> {
  for (let index = 0; index < list.length; index += 1) yield itemAt(list, index);
}

/** The list with `item` at `index`. Nodes in `own` are changed in place; those made here are added to it. */
export function withItem<T extends Marked>(
  list: MarkedList<T>,
  index: number,
  item: T,
  own: OwnNodes,
): MarkedList<T> {
  const root = replaced(list.root, index, item, own);
  return root === list.root ? list : { length: list.length, root };
}

/**
 * The indexes at which the lists hold different items, ascending. Of one list made from the other it looks only at what
 * they do not share. Throws a RangeError for lists of different lengths.
 */
export function* changedIndexes<T extends Marked>(
  before: MarkedList<T>,
  after: MarkedList<T>,
): Generator<number> {
  if (before.length !== after.length) throw new RangeError('Lists of different lengths');
  yield* changedInNode(before.root, after.root, 0);
}

/** The bits of all items from `from` up to, not including, `to`. */
export function bitsBetween<T extends Marked>(list: MarkedList<T>, from: number, to: number): number {
  return bitsInNode(list.root, from, Math.min(to, list.length));
}

/** The first item at or after `from` that has any of these bits, or null. */
export function firstIndexWith<T extends Marked>(
  list: MarkedList<T>,
  bits: number,
  from: number,
): number | null {
  return firstInNode(list.root, bits, from);
}

function itemInNode<T extends Marked>(node: Node<T>, index: number): T {
  if (node.kind === 'branch') {
    return itemInNode(childAt(node, Math.floor(index / node.span)), index % node.span);
  }
  const item = node.items[index];
  if (item === undefined) throw new RangeError(`No item ${index} here, where ${node.items.length} are`);
  return item;
}

function replaced<T extends Marked>(node: Node<T>, index: number, item: T, own: OwnNodes): Node<T> {
  const copy = own.has(node) ? node : copyOf(node);
  own.add(copy);
  if (copy.kind === 'leaf') {
    const before = copy.items[index];
    copy.items[index] = item;
    if (before?.bits !== item.bits) copy.bits = bitsOf(copy.items);
    return copy;
  }
  const position = Math.floor(index / copy.span);
  const child = childAt(copy, position);
  const bitsBefore = child.bits;
  const changed = replaced(child, index % copy.span, item, own);
  copy.nodes[position] = changed;
  if (changed.bits !== bitsBefore) copy.bits = bitsOf(copy.nodes);
  return copy;
}

function copyOf<T extends Marked>(node: Node<T>): Node<T> {
  return node.kind === 'leaf'
    ? { kind: 'leaf', bits: node.bits, items: [...node.items] }
    : { kind: 'branch', bits: node.bits, span: node.span, nodes: [...node.nodes] };
}

function bitsInNode<T extends Marked>(node: Node<T>, from: number, to: number): number {
  if (node.kind === 'leaf') return bitsOf(node.items.slice(Math.max(from, 0), to));
  let bits = 0;
  for (let position = Math.floor(from / node.span); position * node.span < to; position += 1) {
    const start = position * node.span;
    const child = childAt(node, position);
    const whole = from <= start && start + node.span <= to;
    bits |= whole
      ? child.bits
      : bitsInNode(child, Math.max(from - start, 0), Math.min(to - start, node.span));
  }
  return bits;
}

function firstInNode<T extends Marked>(node: Node<T>, bits: number, from: number): number | null {
  if ((node.bits & bits) === 0) return null;
  if (node.kind === 'leaf') {
    const index = node.items.findIndex((item, position) => position >= from && (item.bits & bits) !== 0);
    return index === -1 ? null : index;
  }
  for (let position = Math.floor(from / node.span); position < node.nodes.length; position += 1) {
    const start = position * node.span;
    const found = firstInNode(childAt(node, position), bits, Math.max(from - start, 0));
    if (found !== null) return start + found;
  }
  return null;
}

function* changedInNode<T extends Marked>(before: Node<T>, after: Node<T>, start: number): Generator<number> {
  if (before === after) return;
  if (before.kind === 'branch' && after.kind === 'branch') {
    for (const [position, node] of after.nodes.entries()) {
      yield* changedInNode(childAt(before, position), node, start + position * after.span);
    }
  } else if (before.kind === 'leaf' && after.kind === 'leaf') {
    for (const [index, item] of after.items.entries()) {
      if (item !== before.items[index]) yield start + index;
    }
  }
}

function childAt<T extends Marked>(branch: Branch<T>, position: number): Node<T> {
  const child = branch.nodes[position];
  if (child === undefined) throw new RangeError(`No part ${position} among ${branch.nodes.length}`);
  return child;
}

function groupsOf<T>(items: readonly T[]): T[][] {
  const groups: T[][] = [];
  for (let start = 0; start < items.length; start += WIDTH) groups.push(items.slice(start, start + WIDTH));
  return groups;
}

function bitsOf(items: readonly Marked[]): number {
  let bits = 0;
  for (const item of items) bits |= item.bits;
  return bits;
}
