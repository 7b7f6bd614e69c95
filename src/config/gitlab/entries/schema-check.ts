import type { Json } from '../../../pipeline/index.ts';
import { type MappingNode, type Node, toJson } from '../../document/index.ts';
import { complain, type Entry, type Position, type RecordShape, type Shape } from './entry.ts';

/**
 * Reads a value as JSON after holding it against its shape. GitLab checks some keywords with a JSON schema, and these
 * speak in other words than the rest: ``LOCATION KEY value at `/0/name` is not a string``.
 */
export function schemaChecked(shape: Shape): Entry<Json> {
  return {
    shape,
    read: (node, at) => (matchesShape(node, shape, at) ? toJson(node) : undefined),
  };
}

/** Reports at `at` where the node is not of the shape; `pointer` is where the node stands in what is checked. */
export function matchesShape(node: Node, shape: Shape, at: Position, pointer = ''): boolean {
  switch (shape.type) {
    case 'any':
      return true;
    case 'list':
      return isListOf(node, shape, at, pointer);
    case 'map':
      return isMapOf(node, shape, at, pointer);
    case 'record':
      return isRecord(node, shape, at, pointer);
    case 'one-of':
      return isOneOf(node, shape.choices, at, pointer);
    default: {
      const fault = scalarFault(node, shape, pointer);
      if (fault !== null) complain(at, node.span, fault);
      return fault === null;
    }
  }
}

function isListOf(
  node: Node,
  shape: Extract<Shape, { type: 'list' }>,
  at: Position,
  pointer: string,
): boolean {
  if (node.kind !== 'sequence') return refuse(node, at, `value at ${place(pointer)} is not an array`);
  let valid = true;
  node.items.forEach((item, index) => {
    const inner = shape.nested === true && item.kind === 'sequence' ? shape : shape.items;
    valid = matchesShape(item, inner, at, `${pointer}/${index}`) && valid;
  });
  return valid;
}

function isMapOf(node: Node, shape: Extract<Shape, { type: 'map' }>, at: Position, pointer: string): boolean {
  if (node.kind !== 'mapping') return refuse(node, at, `value at ${place(pointer)} is not an object`);
  const names = shape.keys === undefined ? null : new RegExp(shape.keys);
  let valid = true;
  for (const [name, { key, value }] of node.entries) {
    const inside = `${pointer}/${name}`;
    if (names !== null && !names.test(name)) {
      complain(at, key.span, `object property at ${place(inside)} is a disallowed additional property`);
      valid = false;
    } else valid = matchesShape(value, shape.values, at, inside) && valid;
  }
  return valid;
}

function isRecord(node: Node, shape: RecordShape, at: Position, pointer: string): boolean {
  if (node.kind !== 'mapping') return refuse(node, at, `value at ${place(pointer)} is not an object`);
  const missing = (shape.required ?? []).filter((name) => !node.entries.has(name));
  let valid = true;
  if (missing.length > 0) {
    const message = `object at ${place(pointer)} is missing required properties: ${missing.join(', ')}`;
    valid = refuse(node, at, message);
  }
  for (const [name, { key, value }] of node.entries) {
    const field = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
    const inside = `${pointer}/${name}`;
    if (field !== undefined) valid = matchesShape(value, field, at, inside) && valid;
    else if (shape.open !== true) {
      const message = `object property at ${place(inside)} is a disallowed additional property`;
      const hint = `Known are: ${Object.keys(shape.fields).join(', ')}.`;
      complain(at, key.span, message, { code: 'unknown-keyword', hint });
      valid = false;
    }
  }
  return hasOneOf(node, shape.oneOf ?? [], at, pointer) && valid;
}

function hasOneOf(node: MappingNode, keys: readonly string[], at: Position, pointer: string): boolean {
  const written = keys.filter((key) => node.entries.has(key));
  if (keys.length === 0 || written.length === 1) return true;
  const message = `value at ${place(pointer)} should use only one of: ${keys.join(', ')}`;
  return refuse(node, at, message);
}

/** Among several the one that the value seems meant to be is checked, so that its fault is named and no other. */
function isOneOf(node: Node, choices: readonly Shape[], at: Position, pointer: string): boolean {
  const fitting = choices.filter((choice) => isMeant(node, choice));
  const [first] = fitting.length === 0 ? choices : fitting;
  if (first === undefined || fitting.length === 1) {
    return first === undefined || matchesShape(node, first, at, pointer);
  }
  if (fitting.length === 0 && choices.every(isScalarShape)) {
    const types = JSON.stringify(choices.map(({ type }) => type)).replaceAll(',', ', ');
    return refuse(node, at, `value at ${place(pointer)} is not one of the types: ${types}`);
  }
  return matchesShape(node, mostKnown(node, fitting) ?? first, at, pointer);
}

function isMeant(node: Node, shape: Shape): boolean {
  switch (shape.type) {
    case 'list':
      return node.kind === 'sequence';
    case 'map':
    case 'record':
      return node.kind === 'mapping';
    case 'string':
      return node.kind === 'scalar' && typeof node.value === 'string';
    case 'integer':
      return node.kind === 'scalar' && Number.isInteger(node.value);
    case 'boolean':
    case 'number':
      return node.kind === 'scalar' && typeof node.value === shape.type;
    case 'enum':
      return node.kind === 'scalar' && shape.values.some((value) => value === node.value);
    case 'one-of':
      return shape.choices.some((choice) => isMeant(node, choice));
    case 'any':
      return true;
  }
}

function isScalarShape({ type }: Shape): boolean {
  return type === 'string' || type === 'integer' || type === 'number' || type === 'boolean';
}

/** The record that knows most of the keys that are there. */
function mostKnown(node: Node, choices: readonly Shape[]): Shape | undefined {
  if (node.kind !== 'mapping') return undefined;
  let best: { readonly shape: Shape; readonly known: number } | undefined;
  for (const shape of choices) {
    if (shape.type !== 'record') continue;
    const known = [...node.entries.keys()].filter((name) => Object.hasOwn(shape.fields, name)).length;
    if (best === undefined || known > best.known) best = { shape, known };
  }
  return best?.shape;
}

type ScalarShape = Exclude<Shape, { type: 'any' | 'list' | 'map' | 'record' | 'one-of' }>;

function scalarFault(node: Node, shape: ScalarShape, pointer: string): string | null {
  const value = node.kind === 'scalar' ? node.value : null;
  const where = place(pointer);
  switch (shape.type) {
    case 'string':
      return typeof value === 'string' ? textFault(value, shape, where) : `value at ${where} is not a string`;
    case 'boolean':
      return typeof value === 'boolean' ? null : `value at ${where} is not a boolean`;
    case 'number':
      return typeof value === 'number' ? null : `value at ${where} is not a number`;
    case 'integer':
      return Number.isInteger(value) ? null : `value at ${where} is not an integer`;
    case 'enum': {
      const known = shape.values.some((one) => one === value);
      return known ? null : `value at ${where} is not one of: ${JSON.stringify(shape.values)}`;
    }
  }
}

function textFault(text: string, shape: Extract<Shape, { type: 'string' }>, where: string): string | null {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = shape;
  if (text.length < minLength) return `string length at ${where} is less than: ${minLength}`;
  if (text.length > maxLength) return `string length at ${where} is greater than: ${maxLength}`;
  if (pattern === undefined || new RegExp(pattern).test(text)) return null;
  return `string at ${where} does not match pattern: ${pattern}`;
}

function place(pointer: string): string {
  return pointer === '' ? 'root' : `\`${pointer}\``;
}

function refuse(node: Node, at: Position, message: string): false {
  complain(at, node.span, message);
  return false;
}
