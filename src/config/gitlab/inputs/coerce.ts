import { MAX_DEPTH, type Node } from '../../document/index.ts';
import type { InputType } from './input-spec.ts';
import { nodeOf, textNode, textOfInput } from './plain-values.ts';

/**
 * A value in the type an input asks for; null when it is not of that type. Text given for another type is read as JSON:
 * forms, the command line and APIs have nothing but text. Anything can be a text.
 */
export function coerce(type: InputType, node: Node): Node | null {
  switch (type) {
    case 'string':
      return textNode(textOfInput(node), node.span);
    case 'array': {
      const value = node.kind === 'sequence' ? node : jsonIn(node);
      return value?.kind === 'sequence' ? value : null;
    }
    default: {
      const isText = node.kind === 'scalar' && typeof node.value === 'string';
      const value = isText ? jsonIn(node) : node;
      return value?.kind === 'scalar' && typeof value.value === type ? value : null;
    }
  }
}

/** What a text says in JSON; null when it is none, or is nested deeper than a file may be. */
function jsonIn(node: Node): Node | null {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return null;
  const text = node.value.trim();
  if (nesting(text) > MAX_DEPTH) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'number') return nodeOf(value, node.span);
    // Its text keeps what tells 1.0 from 1.
    return { kind: 'scalar', value, source: text, quoted: false, span: node.span };
  } catch {
    return null; // Not JSON: then it has not the type that was asked for.
  }
}

/** Of brackets, those in texts counted as well: a bound, no more. */
function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const char of text) {
    if (char === '[' || char === '{') depth++;
    else if (char === ']' || char === '}') depth--;
    if (depth > deepest) deepest = depth;
  }
  return deepest;
}
