import { closestTo } from '../../base/closest.ts';
import type { Problem } from '../../base/problem.ts';
import {
  MAX_NODES,
  type MappingEntry,
  type MappingNode,
  type Node,
  problemAt,
  type ScalarNode,
} from '../document/index.ts';
import { afterStep, deepMerge, withSteps } from './merge.ts';

const MAX_LEVELS = 10;
/** A suggestion looks at every job; thousands of them would be worse than none. */
const MAX_SUGGESTIONS = 5;

/**
 * Resolves `extends` of every mapping at the root: parents first, a later parent beats an earlier one, a key's own
 * value beats all. The `extends` keyword itself stays, as in GitLab. What is wrong is added to `problems`.
 */
export function resolveExtends(root: MappingNode, problems: Problem[]): MappingNode {
  const resolving: Resolving = { root, problems, done: new Map(), copied: 0 };
  const entries = new Map<string, MappingEntry>();
  for (const [name, entry] of root.entries) entries.set(name, resolve(resolving, name, entry, []).entry);
  return { kind: 'mapping', entries, span: root.span };
}

interface Resolving {
  readonly root: MappingNode;
  readonly problems: Problem[];
  readonly done: Map<string, Resolved>;
  /** Entries copied from parents so far: a large base that thousands extend would fill the memory. */
  copied: number;
}

interface Resolved {
  readonly entry: MappingEntry;
  /** How many steps of `extends` are below it. */
  readonly levels: number;
}

/** `below`: the names whose parent is being looked for, the outermost first. */
function resolve(
  resolving: Resolving,
  name: string,
  entry: MappingEntry,
  below: readonly string[],
): Resolved {
  const known = resolving.done.get(name);
  if (known !== undefined) return known;
  const resolved = extend(resolving, name, entry, below);
  resolving.done.set(name, resolved);
  return resolved;
}

function extend(resolving: Resolving, name: string, entry: MappingEntry, below: readonly string[]): Resolved {
  if (entry.value.kind !== 'mapping') return { entry, levels: 0 };
  const parents = parentNames(entry.value);
  if (parents.length === 0) return { entry, levels: 0 };
  let base: MappingNode | null = null;
  let levels = 0;
  for (const parent of parents) {
    const found = parentOf(resolving, name, parent, [...below, name]);
    if (found === null) return { entry, levels: 0 };
    base = base === null ? found.mapping : deepMerge(base, found.mapping);
    levels = Math.max(levels, found.levels + 1);
  }
  const own = withSteps(entry.value, entry.via);
  return { entry: { key: entry.key, value: base === null ? own : deepMerge(base, own), via: [] }, levels };
}

interface Parent {
  readonly name: string;
  readonly node: ScalarNode;
}

/** The resolved mapping of one parent, its keys marked as taken from there; null when it cannot be had. */
function parentOf(
  resolving: Resolving,
  name: string,
  parent: Parent,
  below: readonly string[],
): { readonly mapping: MappingNode; readonly levels: number } | null {
  const { span } = parent.node;
  const entry = resolving.root.entries.get(parent.name);
  const fault = faultOf(resolving, name, parent.name, below);
  if (entry === undefined || fault !== null) {
    if (fault !== null) resolving.problems.push(problemAt(span, { code: 'invalid-extends', ...fault }));
    return null;
  }
  const resolved = resolve(resolving, parent.name, entry, below);
  if (resolved.entry.value.kind !== 'mapping' || !hasRoomFor(resolving, resolved.entry.value)) return null;
  if (resolved.levels >= MAX_LEVELS) {
    resolving.problems.push(problemAt(span, { code: 'invalid-extends', ...tooDeep(name) }));
    return null;
  }
  const mapping = withSteps(resolved.entry.value, resolved.entry.via);
  return {
    mapping: afterStep(mapping, { kind: 'extends', name: parent.name, span }),
    levels: resolved.levels,
  };
}

function hasRoomFor(resolving: Resolving, { entries, span }: MappingNode): boolean {
  const before = resolving.copied;
  resolving.copied += entries.size + 1;
  if (resolving.copied <= MAX_NODES) return true;
  if (before <= MAX_NODES) {
    const message = `The parsed YAML is too big: more than ${MAX_NODES} values once \`extends\` is filled in`;
    resolving.problems.push(problemAt(span, { code: 'yaml-too-big', message }));
  }
  return false;
}

interface Fault {
  readonly message: string;
  readonly hint: string | null;
}

function faultOf(
  { root, problems }: Resolving,
  name: string,
  parent: string,
  below: readonly string[],
): Fault | null {
  const entry = root.entries.get(parent);
  if (entry === undefined) {
    const near = problems.length < MAX_SUGGESTIONS ? closestTo(parent, root.entries.keys()) : null;
    const hint = near === null ? null : `Did you mean \`${near}\`?`;
    return { message: `${name}: unknown keys in \`extends\` (${parent})`, hint };
  }
  if (entry.value.kind !== 'mapping') {
    return { message: `${name}: invalid base hashes in \`extends\` (${parent})`, hint: null };
  }
  if (below.includes(parent)) {
    const way = [...below.slice(below.indexOf(parent)), parent].join(' extends ');
    return { message: `${name}: circular dependency detected in \`extends\``, hint: `${way}.` };
  }
  return below.length > MAX_LEVELS ? tooDeep(name) : null;
}

function tooDeep(name: string): Fault {
  return { message: `${name}: nesting too deep in \`extends\``, hint: `At most ${MAX_LEVELS} levels.` };
}

function parentNames(node: MappingNode): readonly Parent[] {
  const value: Node | undefined = node.entries.get('extends')?.value;
  if (value === undefined) return [];
  const items = value.kind === 'sequence' ? value.items : [value];
  const parents: Parent[] = [];
  for (const item of items) {
    // Anything else is reported when the keyword's shape is checked.
    if (item.kind === 'scalar' && typeof item.value === 'string')
      parents.push({ name: item.value, node: item });
  }
  return parents;
}
