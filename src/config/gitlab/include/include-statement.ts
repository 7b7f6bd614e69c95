import { closestTo } from '../../../base/closest.ts';
import type { Problem } from '../../../base/problem.ts';
import { type MappingNode, type Node, problemAt, type Span, toJson } from '../../document/index.ts';
import { isNull } from '../entries/collections.ts';
import { childOf, complain, rootPosition, type Shape } from '../entries/entry.ts';
import { remoteKeysAreRight } from '../entries/remote-keys.ts';
import { includeRules } from '../entries/rules.ts';
import { textOf } from '../entries/scalars.ts';
import type { ParsedRule } from '../parsed.ts';

export const INCLUDE_KINDS = ['local', 'project', 'remote', 'template', 'artifact', 'component'] as const;

export type IncludeKind = (typeof INCLUDE_KINDS)[number];

/** One `include`, its shape checked: one file, or several of one project. */
export interface IncludeStatement {
  readonly kind: IncludeKind;
  /** The path, address, project or component, as written. */
  readonly location: string;
  /** Written as a text and no more: its variables may make a path into an address. */
  readonly isText: boolean;
  /** `file` of a project. */
  readonly files: readonly string[];
  /** `ref` of a project. */
  readonly ref: string | null;
  /** `integrity` of a remote file. */
  readonly integrity: string | null;
  readonly inputs: ReadonlyMap<string, Node>;
  readonly rules: readonly ParsedRule[] | null;
  readonly span: Span;
}

/** Keys that may stand beside the one that says what is included. */
const OTHER_KEYS = ['file', 'ref', 'job', 'inputs', 'rules', 'integrity', 'cache'] as const;

const string: Shape = { type: 'string' };

const oneInclude: Shape = {
  type: 'one-of',
  choices: [
    string,
    {
      type: 'record',
      fields: {
        ...Object.fromEntries(INCLUDE_KINDS.map((kind) => [kind, string])),
        file: { type: 'one-of', choices: [string, { type: 'list', items: string }] },
        ref: string,
        job: string,
        inputs: { type: 'map', values: { type: 'any' } },
        rules: includeRules.shape,
        integrity: string,
        cache: { type: 'one-of', choices: [{ type: 'boolean' }, string] },
      } satisfies Record<(typeof OTHER_KEYS)[number], Shape>,
      oneOf: INCLUDE_KINDS,
    },
  ],
};

/** What `readIncludes` takes, as data. */
export const includeShape: Shape = {
  type: 'one-of',
  choices: [oneInclude, { type: 'list', items: oneInclude }],
};

/** Reads the value of an `include` keyword: one include or a list of them. */
export function readIncludes(node: Node, problems: Problem[]): readonly IncludeStatement[] {
  if (isNull(node)) return [];
  const items = node.kind === 'sequence' ? node.items : [node];
  return items.flatMap((item) => readOne(item, problems) ?? []);
}

function readOne(node: Node, problems: Problem[]): IncludeStatement | undefined {
  const at = childOf(rootPosition(problems), 'include');
  const path = textOf(node);
  if (path !== null) {
    return { ...NOTHING_MORE, kind: kindOfText(path), location: path, isText: true, span: node.span };
  }
  if (node.kind !== 'mapping') return complain(at, node.span, 'should be a hash or a string');
  const kind = kindOf(node, problems);
  if (kind === undefined || !hasKnownKeys(node, problems)) return undefined;
  const value = node.entries.get(kind)?.value ?? node;
  const location = textOf(value);
  if (location === null) return complain(at, value.span, `${kind} should be a string`);
  const rules = node.entries.get('rules');
  const files = filesOf(node, kind, problems);
  const read =
    rules === undefined || isNull(rules.value) ? null : includeRules.read(rules.value, childOf(at, 'rules'));
  const details = detailsOf(node, problems);
  if (read === undefined || files === undefined || details === undefined) return undefined;
  return {
    kind,
    location,
    isText: false,
    files,
    ...details,
    inputs: inputsOf(node, problems),
    rules: read,
    span: value.span,
  };
}

const NOTHING_MORE = { files: [], ref: null, integrity: null, inputs: new Map(), rules: null } as const;

/** What a text alone names. */
export function kindOfText(text: string): 'local' | 'remote' {
  return /^https?:\/\//i.test(text) ? 'remote' : 'local';
}

function kindOf(node: MappingNode, problems: Problem[]): IncludeKind | undefined {
  const given = INCLUDE_KINDS.filter((kind) => node.entries.has(kind));
  const [kind] = given;
  if (given.length === 1) return kind;
  const list = INCLUDE_KINDS.map((name) => `\`${name}\``).join(', ');
  const shown = JSON.stringify(toJson(node));
  const message =
    given.length === 0
      ? `Include \`${shown}\` does not have a valid subkey for include. Valid subkeys are: ${list}`
      : `Each include must use only one of: ${list}`;
  problems.push(problemAt(node.span, { code: 'invalid-include', message }));
  return undefined;
}

function hasKnownKeys(node: MappingNode, problems: Problem[]): boolean {
  const known: readonly string[] = [...INCLUDE_KINDS, ...OTHER_KEYS];
  let valid = true;
  for (const [name, { key }] of node.entries) {
    if (known.includes(name)) continue;
    const near = closestTo(name, known);
    valid = false;
    problems.push(
      problemAt(key.span, {
        code: 'unknown-keyword',
        message: `include config contains unknown keys: ${name}`,
        hint: near === null ? null : `Did you mean \`${near}\`?`,
      }),
    );
  }
  return valid;
}

function filesOf(node: MappingNode, kind: IncludeKind, problems: Problem[]): readonly string[] | undefined {
  const file = node.entries.get('file')?.value;
  const at = childOf(rootPosition(problems), 'include');
  if (kind !== 'project') return [];
  if (file === undefined)
    return complain(at, node.span, 'must specify the file where to fetch the config from');
  const paths: string[] = [];
  for (const item of file.kind === 'sequence' ? file.items : [file]) {
    const path = textOf(item);
    if (path === null) return complain(at, item.span, 'file should be a string or an array of strings');
    paths.push(path);
  }
  return paths;
}

/** What only one kind of include has: `ref`, `integrity`, `cache`. */
function detailsOf(
  node: MappingNode,
  problems: Problem[],
): Pick<IncludeStatement, 'ref' | 'integrity'> | undefined {
  const at = childOf(rootPosition(problems), 'include');
  if (!remoteKeysAreRight(node, at)) return undefined;
  const [ref, integrity] = (['ref', 'integrity'] as const).map((key) => {
    const value = node.entries.get(key)?.value;
    return value === undefined || isNull(value) ? null : value;
  });
  const named = ref ? (textOf(ref) ?? (ref.kind === 'scalar' ? ref.source : null)) : null;
  if (ref && named === null) return complain(at, ref.span, 'ref should be a string');
  return { ref: named, integrity: integrity ? textOf(integrity) : null };
}

function inputsOf(node: MappingNode, problems: Problem[]): ReadonlyMap<string, Node> {
  const value = node.entries.get('inputs')?.value;
  if (value === undefined || isNull(value)) return new Map();
  if (value.kind !== 'mapping') {
    complain(childOf(rootPosition(problems), 'include'), value.span, 'inputs should be a hash');
    return new Map();
  }
  return new Map(Array.from(value.entries, ([name, entry]) => [name, entry.value] as const));
}
