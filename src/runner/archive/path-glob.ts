import { matchesName, type NameGlob, parseNameGlob } from './glob-name.ts';

/**
 * A glob over paths, to be followed component by component while a tree is walked, so that one walk serves any number
 * of globs and goes only where one of them can match. The rules are those of GitLab's runner (the `doublestar` Go
 * module): `**` as a whole component is any number of directories, none included; elsewhere it is `*`.
 */
export interface PathGlob {
  /** Every way through the braces; a glob without braces has one. */
  readonly alternatives: readonly (readonly Component[])[];
}

type Component = { readonly kind: 'any-depth' } | { readonly kind: 'name'; readonly glob: NameGlob };

/** Where in the glob a path may stand; the positions of all alternatives in one list. */
export interface GlobState {
  readonly positions: readonly Position[];
}

interface Position {
  readonly components: readonly Component[];
  readonly index: number;
}

export type ParsedPathGlob =
  | { readonly kind: 'glob'; readonly glob: PathGlob }
  | { readonly kind: 'bad'; readonly reason: string };

const MAX_ALTERNATIVES = 1_000;

/** @param pattern relative, cleaned of `.` and `..`; the empty pattern matches the root. */
export function parsePathGlob(pattern: string): ParsedPathGlob {
  const texts = expandBraces(pattern);
  if (texts === null) return { kind: 'bad', reason: `more than ${MAX_ALTERNATIVES} alternatives in braces` };
  if (texts === 'unbalanced') return { kind: 'bad', reason: 'a brace that is never closed' };
  const alternatives: Component[][] = [];
  for (const text of texts) {
    const components: Component[] = [];
    for (const part of text.split('/')) {
      if (part === '') continue;
      if (part === '**') {
        if (components.at(-1)?.kind !== 'any-depth') components.push({ kind: 'any-depth' });
        continue;
      }
      const glob = parseNameGlob(part);
      if (glob === null)
        return { kind: 'bad', reason: 'a bracket that is never closed, or nothing after a backslash' };
      components.push({ kind: 'name', glob });
    }
    alternatives.push(components);
  }
  return { kind: 'glob', glob: { alternatives } };
}

/** The state at the root. */
export function startGlob(glob: PathGlob): GlobState {
  return {
    positions: withoutDuplicates(
      glob.alternatives.flatMap((components) => reachable({ components, index: 0 })),
    ),
  };
}

/** The state one component further down. */
export function advanceGlob(state: GlobState, name: string): GlobState {
  const next: Position[] = [];
  for (const position of state.positions) {
    const component = position.components[position.index];
    if (component === undefined) continue;
    if (component.kind === 'any-depth') next.push(...reachable(position));
    else if (matchesName(component.glob, name)) {
      next.push(...reachable({ components: position.components, index: position.index + 1 }));
    }
  }
  return next.length === 0 ? NOWHERE : { positions: withoutDuplicates(next) };
}

/** Whether the path that led here matches. */
export function isMatch(state: GlobState): boolean {
  return state.positions.some((position) => position.index === position.components.length);
}

/** Whether something below may match. */
export function leadsOn(state: GlobState): boolean {
  return state.positions.some((position) => position.index < position.components.length);
}

export function matchesPath(glob: PathGlob, path: string): boolean {
  let state = startGlob(glob);
  for (const name of path.split('/')) {
    if (name !== '') state = advanceGlob(state, name);
  }
  return isMatch(state);
}

const NOWHERE: GlobState = { positions: [] };

/** The position itself and, as `**` may stand for nothing, the one after it. */
function reachable(position: Position): Position[] {
  if (position.components[position.index]?.kind !== 'any-depth') return [position];
  return [position, { components: position.components, index: position.index + 1 }];
}

/** Without this `**` with `**` in it would double the positions at every level. */
function withoutDuplicates(positions: readonly Position[]): Position[] {
  const seen = new Map<readonly Component[], Set<number>>();
  return positions.filter(({ components, index }) => {
    const indexes = seen.get(components) ?? new Set();
    if (indexes.has(index)) return false;
    seen.set(components, indexes.add(index));
    return true;
  });
}

function expandBraces(pattern: string): string[] | null | 'unbalanced' {
  const done: string[] = [];
  const open = [pattern];
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    const braces = firstBraces(text);
    if (braces === 'unbalanced') return 'unbalanced';
    if (braces === null) done.push(text);
    else for (const choice of braces.choices) open.push(braces.before + choice + braces.after);
    if (done.length + open.length > MAX_ALTERNATIVES) return null;
  }
  return done;
}

interface Braces {
  readonly before: string;
  readonly choices: readonly string[];
  readonly after: string;
}

/** The first `{a,b}` of the text with its choices split at their own level; null when there is none. */
function firstBraces(text: string): Braces | null | 'unbalanced' {
  let start = -1;
  let depth = 0;
  let inClass = false;
  let choiceStart = 0;
  const choices: string[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\\') at += 1;
    else if (inClass) inClass = character !== ']';
    else if (character === '[') inClass = true;
    else if (character === '{') {
      depth += 1;
      if (depth === 1) {
        start = at;
        choiceStart = at + 1;
      }
    } else if (depth === 1 && (character === ',' || character === '}')) {
      choices.push(text.slice(choiceStart, at));
      choiceStart = at + 1;
      if (character === '}') return { before: text.slice(0, start), choices, after: text.slice(at + 1) };
    } else if (character === '}' && depth > 1) depth -= 1;
  }
  return depth > 0 ? 'unbalanced' : null;
}
