import type { Node } from '../../document/index.ts';
import { type BlockResult, failed } from './block-result.ts';

/** What can be named in a block: `inputs.NAME`, `component.NAME`. */
export interface AccessScope {
  readonly inputs: ReadonlyMap<string, Node>;
  /** Of a component, what its header lists in `spec:component`. */
  readonly component: ReadonlyMap<string, Node>;
}

const MAX_PARTS = 5;
const MAX_BYTES = 1024;
const MAX_INDICES = 5;

/**
 * Follows `inputs.name`, and on into lists and mappings: `inputs.list[0].key`. What lies behind the fifth dot belongs to
 * the fifth name, as in GitLab.
 */
export function readAccess(access: string, scope: AccessScope): BlockResult {
  const parts = splitParts(access);
  if (parts.length <= 1) {
    return failed('invalid pattern used for interpolation. valid pattern is $[[ inputs.input ]]');
  }
  if (Buffer.byteLength(access) > MAX_BYTES) return failed('maximum interpolation expression size exceeded');
  const [root = '', ...path] = parts;
  const names = root === 'inputs' ? scope.inputs : root === 'component' ? scope.component : null;
  if (names === null) return unknown(root, access);
  let at: (name: string) => Node | undefined = (name) => names.get(name);
  let value: Node | undefined;
  for (const part of path) {
    const step = follow(part, at, access);
    if (!step.ok) return step;
    value = step.value;
    at = entriesOf(step.value);
  }
  return value === undefined ? unknown(root, access) : { ok: true, value };
}

function splitParts(access: string): readonly string[] {
  if (access === '') return [];
  const parts = access.split('.');
  return parts.length <= MAX_PARTS
    ? parts
    : [...parts.slice(0, MAX_PARTS - 1), parts.slice(MAX_PARTS - 1).join('.')];
}

function entriesOf(node: Node): (name: string) => Node | undefined {
  return (name) => (node.kind === 'mapping' ? node.entries.get(name)?.value : undefined);
}

/** One name, perhaps with indices: `list[0][1]`. */
function follow(part: string, at: (name: string) => Node | undefined, access: string): BlockResult {
  const fault = part.includes('[') ? indexFault(part, access) : null;
  if (fault !== null) return failed(fault);
  const open = part.includes('[') ? part.indexOf('[') : part.length;
  const name = part.slice(0, open);
  const value = at(name);
  if (value === undefined) return unknown(name, access);
  const indices = Array.from(part.slice(open).matchAll(/\[(\d+)\]/g), ([, digits]) => Number(digits));
  let result: BlockResult = { ok: true, value };
  for (const index of indices) if (result.ok) result = itemAt(result.value, index, access);
  return result;
}

function itemAt(list: Node, index: number, access: string): BlockResult {
  if (list.kind !== 'sequence') {
    return failed(`cannot index into non-array value at [${index}] in \`${access}\``);
  }
  const value = list.items[index];
  if (value !== undefined) return { ok: true, value };
  return failed(`array index ${index} out of bounds (size: ${list.items.length}) in \`${access}\``);
}

function indexFault(part: string, access: string): string | null {
  const indexed = /^(\w*)((?:\[\d+\])+)$/.exec(part);
  if (indexed !== null) {
    if (indexed[1] === '') return `invalid indexed access without a key in \`${access}\``;
    const depth = part.split('[').length - 1;
    return depth <= MAX_INDICES
      ? null
      : `too many array indices in \`${access}\` (maximum depth: ${MAX_INDICES})`;
  }
  if (part.split('[').length !== part.split(']').length) {
    return `invalid array index in \`${access}\`: missing closing bracket`;
  }
  for (const [, content = ''] of part.matchAll(/\[([^\]]*)\]/g)) {
    if (!/^\d+$/.test(content))
      return `invalid array index in \`${access}\`: \`${content}\` is not a valid index`;
  }
  return `invalid array index syntax in \`${access}\``;
}

function unknown(part: string, access: string): BlockResult {
  return failed(`unknown interpolation provided: \`${part}\` in \`${access}\``);
}
