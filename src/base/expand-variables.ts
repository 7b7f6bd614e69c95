import { AppError } from './app-error.ts';

/** What a reference to a variable that is not there becomes: nothing, or itself. */
export type UnknownVariable = 'empty' | 'keep';

/** A variable's value by its name; null when there is no such variable. */
export type VariableLookup = (name: string) => string | null;

/** `$NAME`, `${NAME}` and `%NAME%`; `${}` is taken for a reference to nothing. */
const REFERENCE = /\$([a-zA-Z_]\w*)|\$\{([a-zA-Z_]\w*)?\}|%([a-zA-Z_]\w*)%/g;

/** The same, but `$$` and `%%` stand for themselves and hide what follows. */
const REFERENCE_OR_ESCAPE = /\$\$|%%|\$([a-zA-Z_]\w*)|\$\{([a-zA-Z_]\w*)?\}|%([a-zA-Z_]\w*)%/g;

/**
 * Replaces references in `text` by values, once: what a value itself refers to is left alone. This is how keywords
 * with variables are read (tags, globs, names); it does not know the `$$` escape.
 */
export function expandVariables(text: string, lookup: VariableLookup, unknown: UnknownVariable): string {
  if (!mayRefer(text)) return text;
  return text.replace(REFERENCE, (whole: string, a?: string, b?: string, c?: string) => {
    const name = a ?? b ?? c;
    const value = name === undefined ? null : lookup(name);
    return value ?? (unknown === 'keep' ? whole : '');
  });
}

/** One variable of an ordered set, low to high precedence; names may repeat. */
export interface SetVariable {
  readonly key: string;
  readonly value: string;
  /** False: its `$` means itself. */
  readonly expand: boolean;
}

/**
 * Expands the variables of a set by each other, each after the ones it refers to. `$$` and `%%` stay as they are. A
 * variable that names itself sees the value of the same name with lower precedence. The values of the result are by
 * name, the highest precedence having won. Those in a circle see each other as far as they are known.
 *
 * @throws AppError `variables-too-large`: a dozen variables that each name another ten times would fill the memory.
 */
export function expandVariableSet(
  variables: readonly SetVariable[],
  unknown: UnknownVariable,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const ranks = new Map<string, number>();
  const referring: RankedVariable[] = [];
  let expandedLength = 0;
  for (const [rank, variable] of variables.entries()) {
    if (refersToOthers(variable)) referring.push({ variable, rank });
    else set(variable.key, variable.value, rank);
  }
  for (const component of topologicalOrder(referring)) {
    for (const { variable, rank } of component) {
      const value = expandOnce(variable.value, values, unknown);
      expandedLength += value.length;
      if (expandedLength > MAX_EXPANDED) throw tooLarge(variable.key);
      set(variable.key, value, rank);
    }
  }
  return values;

  function set(key: string, value: string, rank: number): void {
    if ((ranks.get(key) ?? -1) > rank) return;
    ranks.set(key, rank);
    values.set(key, value);
  }
}

/** Of all expanded values together, in characters; Linux gives a process less than that. */
const MAX_EXPANDED = 8 * 1024 * 1024;

function tooLarge(key: string): AppError {
  return new AppError(
    'variables-too-large',
    `The variables are too large once their references are filled in: more than ${MAX_EXPANDED} characters at ${key}.`,
  );
}

/** The groups of variables that refer to each other in a circle, by name; empty when the set can be expanded. */
export function circularVariables(variables: readonly SetVariable[]): readonly (readonly string[])[] {
  const referring = variables.filter(refersToOthers).map((variable, rank) => ({ variable, rank }));
  if (referring.length < 2) return [];
  return topologicalOrder(referring)
    .filter((component) => component.length > 1)
    .map((component) => component.map(({ variable }) => variable.key));
}

/** A variable with its place in the order of precedence. */
interface RankedVariable {
  readonly variable: SetVariable;
  readonly rank: number;
}

export function refersToOthers(variable: SetVariable): boolean {
  return variable.expand && mayRefer(variable.value) && references(variable.value).length > 0;
}

function expandOnce(text: string, values: ReadonlyMap<string, string>, unknown: UnknownVariable): string {
  if (!mayRefer(text)) return text;
  return text.replace(REFERENCE_OR_ESCAPE, (whole: string, a?: string, b?: string, c?: string) => {
    const name = a ?? b ?? c;
    if (name === undefined) return whole;
    return values.get(name) ?? (unknown === 'keep' ? whole : '');
  });
}

function mayRefer(text: string): boolean {
  return text.includes('$') || text.includes('%');
}

function references(text: string): readonly string[] {
  if (!mayRefer(text)) return [];
  const names: string[] = [];
  for (const match of text.matchAll(REFERENCE_OR_ESCAPE)) {
    const name = match[1] ?? match[2] ?? match[3];
    if (name !== undefined) names.push(name);
  }
  return names;
}

/**
 * Strongly connected components by Tarjan's algorithm, what is referred to before what refers to it. Written with a
 * stack of its own: a chain of ten thousand variables must not overflow the call stack.
 */
function topologicalOrder(variables: readonly RankedVariable[]): readonly (readonly RankedVariable[])[] {
  if (variables.length < 2) return variables.length === 0 ? [] : [variables];
  const nodes = variables.map((ranked): Node => ({ ranked, found: -1, lowest: -1, onPath: false }));
  const byName = new Map<string, Node[]>();
  for (const node of nodes) {
    const { key } = node.ranked.variable;
    const same = byName.get(key);
    if (same === undefined) byName.set(key, [node]);
    else same.push(node);
  }

  const path: Node[] = [];
  const components: RankedVariable[][] = [];
  let counter = 0;

  function enter(node: Node): Frame {
    node.found = counter;
    node.lowest = counter;
    node.onPath = true;
    counter += 1;
    path.push(node);
    const names = references(node.ranked.variable.value);
    return { node, targets: names.flatMap((name) => byName.get(name) ?? []), next: 0 };
  }

  for (const root of nodes) {
    if (root.found !== -1) continue;
    const frames: Frame[] = [enter(root)];
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const { node } = frame;
      const target = frame.targets[frame.next];
      if (target !== undefined) {
        frame.next += 1;
        if (target.found === -1) frames.push(enter(target));
        else if (target.onPath) node.lowest = Math.min(node.lowest, target.found);
        continue;
      }
      frames.pop();
      const parent = frames.at(-1);
      if (parent !== undefined) parent.node.lowest = Math.min(parent.node.lowest, node.lowest);
      if (node.lowest === node.found) components.push(takeComponent(path, node));
    }
  }
  return components;
}

interface Node {
  readonly ranked: RankedVariable;
  /** When it was first met; -1: not yet. */
  found: number;
  /** The earliest met that it leads back to. */
  lowest: number;
  onPath: boolean;
}

interface Frame {
  readonly node: Node;
  readonly targets: readonly Node[];
  next: number;
}

function takeComponent(path: Node[], root: Node): RankedVariable[] {
  const component = path.splice(path.lastIndexOf(root));
  for (const node of component) node.onPath = false;
  return component.map((node) => node.ranked);
}
