import type { Problem } from '../../base/problem.ts';
import type { Node, Scalar, Span } from './node.ts';
import { problemAt } from './problem-at.ts';
import { resolvePlainScalar } from './resolve-scalar.ts';

/** The tag before a value as written, with the long form of the standard ones shortened to `!!name`. */
export function tagText(text: string, event: { readonly tagStart: number; readonly tagEnd: number }): string {
  const raw = text.slice(event.tagStart, event.tagEnd);
  const long = /^!<tag:yaml\.org,2002:(.*)>$/.exec(raw);
  return long === null ? raw : `!!${long[1] ?? ''}`;
}

/** The value that a tag forces on a scalar; undefined: the tag says nothing, read the scalar as if it had none. */
export function explicitScalar(
  source: string,
  tag: string,
  span: Span,
): { readonly value: Scalar | undefined; readonly problems: readonly Problem[] } {
  switch (tag) {
    case '!!str':
    case '!str':
      return { value: source, problems: [] };
    case '!':
    case '!!int':
    case '!!bool':
    case '!!null':
    case '!!float':
      return { value: plainValue(source), problems: [] };
    case '!reference':
      return { value: undefined, problems: [notAReference(JSON.stringify(source), span)] };
    default:
      return { value: undefined, problems: [unknownTag(tag, span)] };
  }
}

/** A tagged list or mapping: `!reference [a, b]` becomes a reference, the standard tags change nothing. */
export function collectionTag(
  node: Node,
  tag: string,
  span: Span,
): { readonly node: Node; readonly problems: readonly Problem[] } {
  if (tag === '!' || tag === '!!map' || tag === '!!seq') return { node, problems: [] };
  if (tag !== '!reference') return { node, problems: [unknownTag(tag, span)] };
  const path = referencePath(node);
  if (path === null) return { node, problems: [notAReference(shownList(node), span)] };
  return { node: { kind: 'reference', path, span }, problems: [] };
}

function plainValue(source: string): Scalar {
  const resolved = resolvePlainScalar(source);
  return resolved.kind === 'value' ? resolved.value : source;
}

function referencePath(node: Node): readonly string[] | null {
  if (node.kind !== 'sequence' || node.items.length === 0) return null;
  const path: string[] = [];
  for (const item of node.items) {
    if (item.kind !== 'scalar' || typeof item.value !== 'string') return null;
    path.push(item.value);
  }
  return path;
}

function notAReference(shown: string, span: Span): Problem {
  return problemAt(span, {
    code: 'reference-invalid',
    message: `!reference ${shown} is not valid`,
    hint: 'Write `!reference [job, keyword]`, for example `!reference [.setup, script]`: texts only, no numbers.',
  });
}

/** `["a", 1]`, as much of it as fits in a message. */
function shownList(node: Node): string {
  const items = node.kind === 'sequence' ? node.items.slice(0, MAX_SHOWN) : [node];
  const shown = items.map((item) => (item.kind === 'scalar' ? JSON.stringify(item.value) : `a ${item.kind}`));
  return node.kind === 'sequence' ? `[${shown.join(', ')}]` : shown.join('');
}

const MAX_SHOWN = 10;

/** Tags that name classes are refused by GitLab's safe loader; all others it passes over. */
function unknownTag(tag: string, span: Span): Problem {
  if (/^!ruby\/|^!!(?:set|binary|timestamp|omap|pairs)$/.test(tag)) {
    return problemAt(span, { code: 'yaml-tag', message: `The tag \`${tag}\` is not allowed here` });
  }
  return problemAt(span, {
    code: 'yaml-tag-ignored',
    severity: 'warning',
    message: `The tag \`${tag}\` means nothing here and is ignored`,
    hint: 'Only `!reference` is known.',
  });
}
