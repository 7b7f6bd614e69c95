import { closestTo } from '../../../base/closest.ts';
import type { Problem } from '../../../base/problem.ts';
import type { MappingEntry, Node, ScalarNode, Span } from '../../document/index.ts';
import {
  attributeOf,
  childOf,
  complain,
  type Entry,
  type Position,
  type RecordShape,
  type Shape,
} from './entry.ts';
import { hasTheRightKeys, type KeyRules } from './record-keys.ts';

/** Chooses how to read by what the value is; `message` answers for every other kind of value. */
export function byKind<S = never, L = never, M = never>(
  choices: {
    readonly scalar?: Entry<S>;
    readonly sequence?: Entry<L>;
    readonly mapping?: Entry<M>;
  },
  message: string,
  /** How the message is said: with the word `config` in it, or without. */
  report: typeof complain = complain,
): Entry<S | L | M> {
  const { scalar, sequence, mapping } = choices;
  const given = [scalar, sequence, mapping].filter((choice) => choice !== undefined);
  return {
    shape: { type: 'one-of', choices: given.map((choice) => choice.shape) },
    read(node, at) {
      if (node.kind === 'scalar' && scalar !== undefined) return scalar.read(node, at);
      if (node.kind === 'sequence' && sequence !== undefined) return sequence.read(node, at);
      if (node.kind === 'mapping' && mapping !== undefined) return mapping.read(node, at);
      return report(at, node.span, message);
    },
  };
}

export interface ListOptions {
  /** What is said when the value is no list. */
  readonly message?: string;
  readonly maxItems?: number;
  /** What is said when there are more. */
  readonly tooMany?: string;
  /** Lists in the list (from `!reference` or an anchor) are spread into it, up to ten levels. */
  readonly nested?: boolean;
  /** A single value stands for a list of one. */
  readonly single?: boolean;
  /** False: an empty list is an error. */
  readonly blank?: boolean;
  /** What is said of an empty list. */
  readonly none?: string;
  /** Nulls in the list are left out. */
  readonly skipNull?: boolean;
}

export function listOf<T>(item: Entry<T>, options: ListOptions = {}): Entry<readonly T[]> {
  const { maxItems, nested = false } = options;
  const message = options.message ?? 'should be an array';
  const list: Shape = {
    type: 'list',
    items: item.shape,
    nested,
    ...(options.blank === false ? { minItems: 1 } : {}),
    ...(maxItems === undefined ? {} : { maxItems }),
  };
  return {
    shape: options.single === true ? { type: 'one-of', choices: [item.shape, list] } : list,
    read(node, at) {
      if (node.kind !== 'sequence') {
        if (options.single !== true) return complain(at, node.span, message);
        const value = item.read(node, at);
        return value === undefined ? undefined : [value];
      }
      const items = nested ? flatten(node, at) : node.items;
      if (items === undefined) return undefined;
      if (items.length === 0 && options.blank === false) {
        return complain(at, node.span, options.none ?? "can't be blank");
      }
      if (maxItems !== undefined && items.length > maxItems) {
        const text = options.tooMany ?? `has too many entries (maximum ${maxItems})`;
        return complain(at, items[maxItems]?.span ?? node.span, text);
      }
      return readItems(options.skipNull === true ? items.filter((one) => !isNull(one)) : items, item, at);
    },
  };
}

function readItems<T>(items: readonly Node[], item: Entry<T>, at: Position): readonly T[] | undefined {
  const values: T[] = [];
  let valid = true;
  for (const node of items) {
    const value = item.read(node, at);
    if (value === undefined) valid = false;
    else values.push(value);
  }
  return valid ? values : undefined;
}

const MAX_NESTING = 10;
/** Far beyond any script; shared lists in shared lists could otherwise multiply without end. */
const MAX_FLATTENED = 100_000;

function flatten(node: Node, at: Position): readonly Node[] | undefined {
  const items: Node[] = [];
  const depth = spread(node, 0, items);
  if (items.length > MAX_FLATTENED)
    return complain(at, node.span, `has too many entries (maximum ${MAX_FLATTENED})`);
  if (depth <= MAX_NESTING) return items;
  return complain(
    at,
    node.span,
    `should be a string or a nested array of strings up to ${MAX_NESTING} levels deep`,
  );
}

/** Collects the items and answers how deep they are nested; stops where one of the limits is passed. */
function spread(node: Node, depth: number, into: Node[]): number {
  if (node.kind !== 'sequence') {
    into.push(node);
    return depth - 1;
  }
  let deepest = depth;
  for (const item of node.items) {
    if (deepest > MAX_NESTING || into.length > MAX_FLATTENED) break;
    deepest = Math.max(deepest, spread(item, depth + 1, into));
  }
  return deepest;
}

/** How a record's key is read, and who reports what is wrong with it. */
export interface Field<T> {
  readonly entry: Entry<T>;
  readonly kind: 'child' | 'attribute';
  /** For a keyword whose kind of value is checked by the record, and only what is inside by itself. */
  readonly outer?: { readonly accepts: (node: Node) => boolean; readonly message: string };
}

/** A keyword of its own: `LOCATION:KEY config …` */
export function child<T>(entry: Entry<T>): Field<T> {
  return { entry, kind: 'child' };
}

/** A property of the record: `LOCATION KEY …` */
export function attribute<T>(entry: Entry<T>): Field<T> {
  return { entry, kind: 'attribute' };
}

/**
 * A keyword of its own, but for the kind of its value, which the record reports: `LOCATION KEY should be a hash`, then
 * `LOCATION:KEY config …`.
 */
export function checkedChild<T>(
  entry: Entry<T>,
  accepts: (node: Node) => boolean,
  message: string,
): Field<T> {
  return { entry, kind: 'child', outer: { accepts, message } };
}

export interface RecordOptions extends KeyRules {
  /** What is said when the value is no mapping. */
  readonly message?: string;
}

/**
 * A mapping with known keys. A key that is missing or null is left out of the result; an unknown key is an error with
 * the nearest known one suggested.
 */
export function record<T extends object>(
  fields: { readonly [K in keyof T]: Field<T[K]> },
  options: RecordOptions = {},
): Entry<Fields<T>> {
  const names = Object.keys(fields);
  const shared = new WeakMap<readonly Problem[], KnownValues<T>>();
  const shapes: Record<string, Shape> = {};
  for (const key in fields) shapes[key] = fields[key].entry.shape;

  function isField(name: string): name is keyof T & string {
    return Object.hasOwn(fields, name);
  }

  function readField<K extends keyof T & string>(
    name: K,
    entry: MappingEntry,
    at: Position,
  ): T[K] | undefined {
    const { entry: reader, kind, outer } = fields[name];
    if (outer?.accepts(entry.value) === false) {
      return complain(attributeOf(at, name), entry.value.span, outer.message);
    }
    const position = kind === 'child' ? childOf(at, name) : attributeOf(at, name);
    if (!isShared(entry)) return reader.read(entry.value, position);
    const known = knownValues(name, at.problems);
    const before = known.get(entry.value);
    if (before !== undefined) return before;
    const complaints = at.problems.length;
    const value = reader.read(entry.value, position);
    if (value !== undefined && at.problems.length === complaints) known.set(entry.value, value);
    return value;
  }

  /** What a field's shared nodes were read as in this reading, which the list of its problems stands for. */
  function knownValues<K extends keyof T & string>(name: K, reading: readonly Problem[]): Map<Node, T[K]> {
    const values: KnownValues<T> = shared.get(reading) ?? {};
    shared.set(reading, values);
    const known: Map<Node, T[K]> = values[name] ?? new Map();
    values[name] = known;
    return known;
  }

  return {
    shape: recordShape(shapes, options),
    read(node, at) {
      if (node.kind !== 'mapping') return complain(at, node.span, options.message ?? 'should be a hash');
      const values: { -readonly [K in keyof T]?: T[K] } = {};
      let valid = hasTheRightKeys(node, options, at);
      for (const [name, entry] of node.entries) {
        if (!isField(name)) {
          if (options.disallowed?.includes(name)) continue;
          unknownKey(at, entry.key, name, names);
          valid = false;
          continue;
        }
        if (isNull(entry.value)) continue;
        const value = readField(name, entry, at);
        if (value === undefined) valid = false;
        else values[name] = value;
      }
      return valid ? { values, spanOf: (key) => node.entries.get(key)?.value.span ?? node.span } : undefined;
    },
  };
}

function recordShape(fields: Readonly<Record<string, Shape>>, options: RecordOptions): RecordShape {
  const required = [...(options.required ?? []), ...(options.requiredKeys ?? [])];
  return {
    type: 'record',
    fields,
    ...(required.length === 0 ? {} : { required }),
    ...(options.oneOf === undefined ? {} : { oneOf: options.oneOf }),
    ...(options.exclusive === undefined ? {} : { exclusive: options.exclusive }),
  };
}

type KnownValues<T> = { [K in keyof T]?: Map<Node, T[K]> };

/**
 * Whether other mappings may have the very same node: then it is read once for all of them. Thousands of jobs take
 * image, cache and artifacts from a few templates.
 */
function isShared({ via: [step] }: MappingEntry): boolean {
  return step !== undefined && step.kind !== 'include';
}

/** The keys of a record that are there, and where they stand. */
export interface Fields<T> {
  readonly values: { readonly [K in keyof T]?: T[K] };
  /** The span of a key's value; of the whole record when the key is not there. */
  readonly spanOf: (key: keyof T & string) => Span;
}

export function unknownKey(at: Position, key: ScalarNode, name: string, known: readonly string[]): undefined {
  const near = closestTo(name, known);
  return complain(at, key.span, `contains unknown keys: ${name}`, {
    code: 'unknown-keyword',
    hint: near === null ? `Known are: ${known.join(', ')}.` : `Did you mean \`${near}\`?`,
  });
}

/** A mapping whose keys a person chooses. */
export function mapOf<T>(
  value: Entry<T>,
  message = 'should be a hash of key value pairs',
): Entry<ReadonlyMap<string, T>> {
  return {
    shape: { type: 'map', values: value.shape },
    read(node, at) {
      if (node.kind !== 'mapping') return complain(at, node.span, message);
      const values = new Map<string, T>();
      let valid = true;
      for (const [name, entry] of node.entries) {
        const read = value.read(emptyForNull(entry.value, value.shape), childOf(at, name));
        if (read === undefined) valid = false;
        else values.set(name, read);
      }
      return valid ? values : undefined;
    },
  };
}

/** Where a mapping is expected, nothing is an empty one. */
function emptyForNull(node: Node, shape: Shape): Node {
  return isNull(node) && shape.type === 'record'
    ? { kind: 'mapping', entries: new Map(), span: node.span }
    : node;
}

/** Carries a value on into another form; `change` may complain and answer undefined. */
export function into<A, B>(
  entry: Entry<A>,
  change: (value: A, at: Position, node: Node) => B | undefined,
): Entry<B> {
  return {
    shape: entry.shape,
    read(node, at) {
      const value = entry.read(node, at);
      return value === undefined ? undefined : change(value, at, node);
    },
  };
}

export function isNull(node: Node): boolean {
  return node.kind === 'scalar' && node.value === null;
}
