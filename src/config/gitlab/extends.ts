import { closestTo } from '../../base/closest.ts';
import type { Problem } from '../../base/problem.ts';
import { MAX_NODES, type MappingEntry, type MappingNode, type Node, problemAt } from '../document/index.ts';
import { textOfInput } from './inputs/plain-values.ts';
import { afterStep, deepMerge, withSteps } from './merge.ts';

/** As many steps as GitLab follows: ten may lie between a job and the last template that extends another. */
const MAX_LEVELS = 11;
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
  const unextended: Resolved = { entry, levels: 0 };
  if (entry.value.kind !== 'mapping') return unextended;
  const parents = parentsOf(entry.value);
  if (parents.length === 0 || !areMappings(resolving, name, parents)) return unextended;
  let base: MappingNode | null = null;
  let levels = 0;
  for (const parent of parents) {
    const found = baseOf(resolving, parent, [...below, name]);
    if (found === null) return unextended;
    base = base === null ? found.mapping : deepMerge(base, found.mapping);
    levels = Math.max(levels, found.levels + 1);
  }
  const own = withSteps(entry.value, entry.via);
  return { entry: { key: entry.key, value: base === null ? own : deepMerge(base, own), via: [] }, levels };
}

interface Parent {
  readonly name: string;
  readonly node: Node;
}

/** Whether all of them are there, and are mappings; says what is wrong with all that are not. */
function areMappings({ root, problems }: Resolving, name: string, parents: readonly Parent[]): boolean {
  const unknown = parents.filter((parent) => !root.entries.has(parent.name));
  const odd = parents.filter((parent) => root.entries.get(parent.name)?.value.kind !== 'mapping');
  const [first] = unknown.length > 0 ? unknown : odd;
  if (first === undefined) return true;
  const what = unknown.length > 0 ? 'unknown keys' : 'invalid base hashes';
  const names = (unknown.length > 0 ? unknown : odd).map((parent) => parent.name).join(', ');
  const suggest = unknown.length > 0 && problems.length < MAX_SUGGESTIONS;
  const near = suggest ? closestTo(first.name, root.entries.keys()) : null;
  problems.push(
    problemAt(first.node.span, {
      code: 'invalid-extends',
      message: `${name}: ${what} in \`extends\` (${names})`,
      hint: near === null ? null : `Did you mean \`${near}\`?`,
    }),
  );
  return false;
}

/** The resolved mapping of one parent, its keys marked as taken from there; null when it cannot be had. */
function baseOf(
  resolving: Resolving,
  parent: Parent,
  below: readonly string[],
): { readonly mapping: MappingNode; readonly levels: number } | null {
  const { name } = parent;
  const { span } = parent.node;
  const entry = resolving.root.entries.get(name);
  if (entry === undefined) return null;
  if (below.includes(name)) {
    const way = [...below.slice(below.indexOf(name)), name].join(' extends ');
    return refuse(resolving, parent, name, 'circular dependency detected', `${way}.`);
  }
  if (below.length > MAX_LEVELS) return tooDeep(resolving, parent, below);
  const resolved = resolve(resolving, name, entry, below);
  if (resolved.entry.value.kind !== 'mapping' || !hasRoomFor(resolving, resolved.entry.value)) return null;
  if (resolved.levels >= MAX_LEVELS) return tooDeep(resolving, parent, below);
  const mapping = withSteps(resolved.entry.value, resolved.entry.via);
  return { mapping: afterStep(mapping, { kind: 'extends', name, span }), levels: resolved.levels };
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

function tooDeep(resolving: Resolving, parent: Parent, below: readonly string[]): null {
  return refuse(resolving, parent, below.at(-1) ?? '', 'nesting too deep', `At most ${MAX_LEVELS} levels.`);
}

function refuse({ problems }: Resolving, { node }: Parent, name: string, what: string, hint: string): null {
  const message = `${name}: ${what} in \`extends\``;
  problems.push(problemAt(node.span, { code: 'invalid-extends', message, hint }));
  return null;
}

/** What is no name is taken for the text that Ruby makes of it; that it is none is said when the shape is checked. */
function parentsOf(node: MappingNode): readonly Parent[] {
  const value: Node | undefined = node.entries.get('extends')?.value;
  if (value === undefined || (value.kind === 'scalar' && value.value === null)) return [];
  const items = value.kind === 'sequence' ? value.items : [value];
  return items.map((item) => ({ name: textOfInput(item), node: item }));
}
