import { expandVariables } from '../../../base/expand-variables.ts';
import type { Node, Span } from '../../document/index.ts';
import { type BlockResult, failed } from './block-result.ts';
import { textNode } from './plain-values.ts';

export interface FunctionScope {
  /** For `expand_vars`: a variable that exists before the pipeline does, `masked` when it must not be shown. */
  readonly variable: (name: string) => { readonly value: string; readonly masked: boolean } | null;
}

/** Sends a value through the functions behind its bars, from left to right. */
export function applyFunctions(calls: readonly string[], value: Node, scope: FunctionScope): BlockResult {
  const functions: { readonly name: string; readonly run: Run }[] = [];
  for (const call of calls) {
    const known = functionOf(call);
    if (known === null) {
      return failed(
        `no function matching \`${call}\`: check that the function name, arguments, and types are correct`,
      );
    }
    functions.push(known);
  }
  let result: BlockResult = { ok: true, value };
  for (const { name, run } of functions) {
    if (!result.ok) return result;
    result = applyOne(name, run, result.value, scope);
  }
  return result;
}

/** What became of a text, or what is wrong. */
type Outcome = { readonly value: Node } | { readonly fault: string };

type Run = (text: string, span: Span, scope: FunctionScope) => Outcome;

function applyOne(name: string, run: Run, value: Node, scope: FunctionScope): BlockResult {
  const text = value.kind === 'scalar' && typeof value.value === 'string' ? value.value : null;
  const outcome: Outcome =
    text === null
      ? { fault: `invalid input type: ${name} can only be used with string inputs` }
      : run(text, value.span, scope);
  if ('value' in outcome) return { ok: true, value: outcome.value };
  return failed(`error in \`${name}\` function: ${outcome.fault}`);
}

function functionOf(call: string): { readonly name: string; readonly run: Run } | null {
  if (call === 'expand_vars') return { name: call, run: expandVars };
  if (call === 'posix_escape') return { name: call, run: posixEscape };
  // GitLab does not ask for the last parenthesis.
  const truncated = /^truncate\(\s*(\d+)\s*,\s*(\d+)\s*\)?$/.exec(call);
  if (truncated !== null)
    return { name: 'truncate', run: truncate(Number(truncated[1]), Number(truncated[2])) };
  const separated = /^split\('([^']*)'\)$/.exec(call);
  return separated === null ? null : { name: 'split', run: split(separated[1] ?? '') };
}

function expandVars(text: string, span: Span, scope: FunctionScope): Outcome {
  let hidden = false;
  const expanded = expandVariables(
    text,
    (name) => {
      const found = scope.variable(name);
      if (found?.masked === true) hidden = true;
      return found?.value ?? null;
    },
    'keep',
  );
  return hidden
    ? { fault: 'variable expansion error: masked variables cannot be expanded' }
    : { value: textNode(expanded, span) };
}

/** As a shell word that stands for exactly this text. */
function posixEscape(text: string, span: Span): Outcome {
  if (text === '') return { value: textNode("''", span) };
  const escaped = text.replaceAll(/[^A-Za-z0-9_\-.,:+/@\n]/gu, '\\$&').replaceAll('\n', "'\n'");
  return { value: textNode(escaped, span) };
}

/** Characters from the one at `offset`, at most `length` of them. */
function truncate(offset: number, length: number): Run {
  return (text, span) => ({ value: textNode([...text].slice(offset, offset + length).join(''), span) });
}

/** The parts between the separators as a list, white space around them and empty ones dropped. */
function split(separator: string): Run {
  return (text, span) => {
    if (separator === '') return { fault: 'invalid argument: separator cannot be empty' };
    const parts = text.split(separator).map((part) => part.trim());
    const items = parts.filter((part) => part !== '').map((part) => textNode(part, span));
    return { value: { kind: 'sequence', items, span } };
  };
}
