import { expandVariables } from '../../../base/expand-variables.ts';
import type { Node, Span } from '../../document/index.ts';
import { textNode } from './input-values.ts';

/** What a block can reach. */
export interface BlockScope {
  readonly inputs: ReadonlyMap<string, Node>;
  /** For `expand_vars`: a variable that exists before the pipeline does, `masked` when it must not be shown. */
  readonly variable: (name: string) => { readonly value: string; readonly masked: boolean } | null;
}

export type BlockResult =
  | { readonly ok: true; readonly value: Node }
  | { readonly ok: false; readonly message: string };

const MAX_FUNCTIONS = 3;
const MAX_DEPTH = 5;

/** Evaluates what stands between `$[[` and `]]`: an input, and up to three functions its value goes through. */
export function evaluateBlock(content: string, scope: BlockScope): BlockResult {
  const [access = '', ...functions] = content.split('|').map((part) => part.trim());
  if (functions.length > MAX_FUNCTIONS) return failed('too many functions in interpolation block');
  let result = readAccess(access, scope);
  for (const name of functions) {
    if (!result.ok) return result;
    result = applyFunction(name, result.value, scope);
  }
  return result;
}

/** `inputs.name`, and into lists and mappings: `inputs.list[0].key`. */
function readAccess(access: string, scope: BlockScope): BlockResult {
  const parts = access.split('.');
  const [root = '', ...path] = parts.flatMap((part) => part.split(/[[\]]+/).filter((key) => key !== ''));
  const [name, ...keys] = path;
  if (root !== 'inputs' || name === undefined) return unknown(root, access);
  let node: Node | undefined = scope.inputs.get(name);
  if (keys.length > MAX_DEPTH) return failed(`\`${access}\` goes too deep (at most ${MAX_DEPTH} levels)`);
  for (const key of keys) {
    if (node?.kind === 'sequence') node = node.items[Number(key)];
    else if (node?.kind === 'mapping') node = node.entries.get(key)?.value;
    else node = undefined;
    if (node === undefined) return unknown(key, access);
  }
  return node === undefined ? unknown(name, access) : { ok: true, value: node };
}

function applyFunction(call: string, value: Node, scope: BlockScope): BlockResult {
  const text = value.kind === 'scalar' && typeof value.value === 'string' ? value.value : null;
  if (text === null) return noFunction(call);
  const { span } = value;
  if (call === 'expand_vars') return expandVars(text, scope, span);
  if (call === 'posix_escape') return { ok: true, value: textNode(posixEscape(text), span) };
  const truncate = /^truncate\(\s*(\d+)\s*,\s*(\d+)\s*\)$/.exec(call);
  if (truncate === null) return noFunction(call);
  const [offset, length] = [Number(truncate[1]), Number(truncate[2])];
  return { ok: true, value: textNode([...text].slice(offset, offset + length).join(''), span) };
}

function expandVars(text: string, scope: BlockScope, span: Span): BlockResult {
  let hidden: string | null = null;
  const expanded = expandVariables(
    text,
    (name) => {
      const found = scope.variable(name);
      if (found?.masked === true) hidden = name;
      return found?.value ?? null;
    },
    'keep',
  );
  if (hidden === null) return { ok: true, value: textNode(expanded, span) };
  return failed(`variable expansion error: ${hidden} is masked`);
}

/** As a shell word that stands for exactly this text. */
function posixEscape(text: string): string {
  if (text === '') return "''";
  return text.replaceAll(/[^A-Za-z0-9_\-.,:+/@\n]/g, '\\$&').replaceAll('\n', "'\n'");
}

function unknown(part: string, access: string): BlockResult {
  return failed(`unknown interpolation provided: \`${part}\` in \`${access}\``);
}

function noFunction(call: string): BlockResult {
  return failed(
    `no function matching \`${call}\`: check that the function name, arguments, and types are correct`,
  );
}

function failed(message: string): BlockResult {
  return { ok: false, message };
}
