import type { Json } from '../../pipeline/index.ts';
import type { ContextVariable, PipelineContext } from '../context.ts';
import {
  type MappingEntry,
  type MappingNode,
  type Node,
  type ScalarNode,
  scalarText,
} from '../document/index.ts';

/** A text with the values of secret variables in it replaced. */
export type Mask = (text: string) => string;

export const MASKED = '[MASKED]';

/** Shorter values are left where they would be found in words that are none; as in logs. */
export const SHORTEST_SECRET = 8;

/** `shortest`: shorter secrets are left, which in a whole document would be found in words that are none. */
export function maskOf(context: PipelineContext, shortest = 1): Mask {
  const secrets = givenVariables(context).flatMap(([, { masked, value }]) =>
    masked && value.length >= shortest ? value : [],
  );
  // The longer first: one secret may be a part of another.
  const ordered = [...new Set(secrets)].sort((a, b) => b.length - a.length);
  return (text) => ordered.reduce((masked, secret) => masked.replaceAll(secret, MASKED), text);
}

/** The names of the variables whose values nobody may see. */
export function maskedNames(context: PipelineContext): ReadonlySet<string> {
  return new Set(givenVariables(context).flatMap(([name, { masked }]) => (masked ? name : [])));
}

/** Every text in a value; the names of its properties stay. */
export function maskJson(value: Json, mask: Mask): Json {
  if (typeof value === 'string') return mask(value);
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map((item) => maskJson(item, mask));
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, maskJson(part, mask)]));
}

/** Every text of a tree, names and numbers that spell a secret included. What has none stays the very node it was. */
export function maskNode(root: MappingNode, mask: Mask): MappingNode {
  const done = new Map<Node, Node>();

  function masked(node: Node): Node {
    if (node.kind === 'scalar') return maskedScalar(node, mask);
    const known = done.get(node);
    if (known !== undefined) return known;
    const result = maskedOnce(node);
    done.set(node, result);
    return result;
  }

  function maskedOnce(node: Exclude<Node, ScalarNode>): Node {
    if (node.kind === 'reference') return { ...node, path: node.path.map(mask) };
    if (node.kind === 'mapping') return maskedMapping(node);
    const items = node.items.map(masked);
    return items.every((item, index) => item === node.items[index]) ? node : { ...node, items };
  }

  function maskedMapping(node: MappingNode): MappingNode {
    let changed = false;
    const entries = new Map<string, MappingEntry>();
    for (const [name, entry] of node.entries) {
      const value = masked(entry.value);
      const key = maskedScalar(entry.key, mask);
      changed ||= value !== entry.value || key !== entry.key || mask(name) !== name;
      entries.set(mask(name), { key, value, via: entry.via });
    }
    return changed ? { ...node, entries } : node;
  }

  return maskedMapping(root);
}

function maskedScalar(node: ScalarNode, mask: Mask): ScalarNode {
  const text = typeof node.value === 'string' ? node.value : node.source;
  const value = mask(text);
  if (value === text && mask(scalarText(node)) === scalarText(node)) return node;
  return { ...node, value: value === text ? MASKED : value, source: value, quoted: true };
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function givenVariables(context: PipelineContext): readonly (readonly [string, ContextVariable])[] {
  return [...Object.entries(context.projectVariables), ...Object.entries(context.pipelineVariables)];
}
