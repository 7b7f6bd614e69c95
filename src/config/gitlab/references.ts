import type { Problem } from '../../base/problem.ts';
import {
  createExpandedSize,
  MAX_NODES,
  type MappingEntry,
  type MappingNode,
  type Node,
  problemAt,
  type ReferenceNode,
  type Via,
} from '../document/index.ts';

/** Of lists, mappings and references in each other: GitLab has no bound, and no file that means well comes near. */
const MAX_NESTING = 1_000;

/**
 * Puts what they refer to in the place of all `!reference [job, key, …]`. Parts without references stay the very
 * nodes they were. What is wrong is added to `problems`, with the reference's place.
 */
export function resolveReferences(root: MappingNode, problems: Problem[]): MappingNode {
  const resolving: Resolving = { root, problems, done: new Map(), active: [], depth: 0 };
  const resolved = resolve(resolving, root);
  if (resolved.kind !== 'mapping') return root;
  if (resolved !== root && createExpandedSize()(resolved).values > MAX_NODES) {
    problems.push(
      problemAt(root.span, {
        code: 'yaml-too-big',
        message: `The parsed YAML is too big: more than ${MAX_NODES} values once its references are filled in`,
      }),
    );
    return root;
  }
  return resolved;
}

interface Resolving {
  readonly root: MappingNode;
  readonly problems: Problem[];
  readonly done: Map<Node, Node>;
  /** References being resolved, the outermost first. */
  readonly active: ReferenceNode[];
  depth: number;
}

function resolve(resolving: Resolving, node: Node): Node {
  if (isFlat(node)) return node;
  const known = resolving.done.get(node);
  if (known !== undefined) return known;
  resolving.depth++;
  const resolved = resolveOnce(resolving, node);
  resolving.depth--;
  resolving.done.set(node, resolved);
  return resolved;
}

/** Scalars, and lists and mappings of nothing else: looking again costs less than remembering that one has looked. */
function isFlat(node: Node): boolean {
  switch (node.kind) {
    case 'scalar':
      return true;
    case 'reference':
      return false;
    case 'sequence':
      return node.items.every((item) => item.kind === 'scalar');
    case 'mapping':
      for (const { value } of node.entries.values()) if (value.kind !== 'scalar') return false;
      return true;
  }
}

function resolveOnce(resolving: Resolving, node: Node): Node {
  switch (node.kind) {
    case 'scalar':
      return node;
    case 'reference':
      return follow(resolving, node);
    case 'sequence': {
      const items = node.items.map((item) => resolve(resolving, item));
      return items.every((item, index) => item === node.items[index]) ? node : { ...node, items };
    }
    case 'mapping': {
      let entries: Map<string, MappingEntry> | null = null;
      for (const [name, entry] of node.entries) {
        const value = resolve(resolving, entry.value);
        if (value === entry.value) continue;
        entries ??= new Map(node.entries);
        entries.set(name, { ...entry, value, via: [...stepsOf(entry.value), ...entry.via] });
      }
      return entries === null ? node : { ...node, entries };
    }
  }
}

function stepsOf(value: Node): readonly Via[] {
  if (value.kind !== 'reference') return [];
  return [{ kind: 'reference', name: value.path.join('.'), span: value.span }];
}

function follow(resolving: Resolving, reference: ReferenceNode): Node {
  const { active, problems } = resolving;
  if (active.includes(reference)) return fault(problems, reference, 'is part of a circular chain');
  if (resolving.depth > MAX_NESTING) return fault(problems, reference, 'is nested too deeply');
  active.push(reference);
  const target = lookUp(resolving, reference);
  const missing =
    target === null || (target.kind === 'scalar' && (target.value === null || target.value === false));
  const resolved = missing ? fault(problems, reference, 'could not be found') : resolve(resolving, target);
  active.pop();
  return resolved;
}

/** Follows the path from the root; a reference met on the way is not looked behind, as in GitLab. */
function lookUp({ root }: Resolving, { path }: ReferenceNode): Node | null {
  let node: Node = root;
  for (const key of path) {
    const entry: MappingEntry | undefined = node.kind === 'mapping' ? node.entries.get(key) : undefined;
    if (entry === undefined) return null;
    node = entry.value;
  }
  return node;
}

/** Reports, and stands in with an empty text, so that one fault is not followed by others about a missing value. */
function fault(problems: Problem[], reference: ReferenceNode, text: string): Node {
  const path = JSON.stringify(reference.path).replaceAll(',', ', ');
  problems.push(
    problemAt(reference.span, { code: 'reference-invalid', message: `!reference ${path} ${text}` }),
  );
  return { kind: 'scalar', value: '', source: '', quoted: true, span: reference.span };
}
