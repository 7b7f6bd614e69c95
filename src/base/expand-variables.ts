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
 * name, the highest precedence having won.
 */
export function expandVariableSet(
  variables: readonly SetVariable[],
  unknown: UnknownVariable,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const waiting: SetVariable[] = [];
  const order = topologicalOrder(variables);
  for (const component of order) waiting.push(...component);
  for (const variable of waiting) {
    values.set(variable.key, variable.expand ? expandOnce(variable.value, values, unknown) : variable.value);
  }
  return values;
}

/** The groups of variables that refer to each other in a circle, by name; empty when the set can be expanded. */
export function circularVariables(variables: readonly SetVariable[]): readonly (readonly string[])[] {
  if (!variables.some(refersToOthers)) return [];
  return topologicalOrder(variables)
    .filter((component) => component.length > 1)
    .map((component) => component.map((variable) => variable.key));
}

export function refersToOthers(variable: SetVariable): boolean {
  return variable.expand && references(variable.value).length > 0;
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
function topologicalOrder(variables: readonly SetVariable[]): readonly (readonly SetVariable[])[] {
  const byName = new Map<string, number[]>();
  for (const [index, variable] of variables.entries()) {
    const same = byName.get(variable.key);
    if (same === undefined) byName.set(variable.key, [index]);
    else same.push(index);
  }

  const found = new Array<number>(variables.length).fill(-1);
  const lowest = new Array<number>(variables.length).fill(0);
  const onPath = new Array<boolean>(variables.length).fill(false);
  const path: number[] = [];
  const components: SetVariable[][] = [];
  let counter = 0;

  function enter(node: number): Frame {
    found[node] = counter;
    lowest[node] = counter;
    counter += 1;
    path.push(node);
    onPath[node] = true;
    const variable = variables[node];
    const names = variable?.expand ? references(variable.value) : [];
    return { node, targets: names.flatMap((name) => byName.get(name) ?? []), next: 0 };
  }

  for (const root of variables.keys()) {
    if (found[root] !== -1) continue;
    const frames: Frame[] = [enter(root)];
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const target = frame.targets[frame.next];
      if (target !== undefined) {
        frame.next += 1;
        if (found[target] === -1) frames.push(enter(target));
        else if (onPath[target]) lower(lowest, frame.node, found[target] ?? 0);
        continue;
      }
      frames.pop();
      const parent = frames.at(-1);
      if (parent !== undefined) lower(lowest, parent.node, lowest[frame.node] ?? 0);
      if (lowest[frame.node] !== found[frame.node]) continue;
      components.push(takeComponent(path, onPath, frame.node).flatMap((index) => variables[index] ?? []));
    }
  }
  return components;
}

interface Frame {
  readonly node: number;
  readonly targets: readonly number[];
  next: number;
}

function lower(lowest: number[], node: number, candidate: number): void {
  lowest[node] = Math.min(lowest[node] ?? candidate, candidate);
}

function takeComponent(path: number[], onPath: boolean[], root: number): readonly number[] {
  const component = path.splice(path.lastIndexOf(root));
  for (const index of component) onPath[index] = false;
  return component;
}
