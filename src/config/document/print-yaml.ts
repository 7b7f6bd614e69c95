import type { MappingNode, Node, ScalarNode, SequenceNode } from './node.ts';
import { resolvePlainScalar } from './resolve-scalar.ts';

/**
 * The tree as YAML text that parses to the same values: block style, text that looks like another type in quotes,
 * text of several lines as a `|` block. Comments, anchors and styles of the source are gone.
 */
export function printYaml(node: Node): string {
  const lines: string[] = [];
  printBlock(node, '', lines);
  return `${lines.join('\n')}\n`;
}

/** Appends the lines of a value that stands alone (not after `key:` or `- `). */
function printBlock(node: Node, indent: string, lines: string[]): void {
  if (node.kind === 'mapping' && node.entries.size > 0) printMapping(node, indent, lines);
  else if (node.kind === 'sequence' && node.items.length > 0) printSequence(node, indent, lines);
  else lines.push(`${indent}${inline(node, indent)}`);
}

function printMapping(node: MappingNode, indent: string, lines: string[]): void {
  for (const [name, { value }] of node.entries) {
    const head = `${indent}${scalarKey(name)}:`;
    if (isFilled(value)) {
      lines.push(head);
      printBlock(value, `${indent}  `, lines);
    } else lines.push(`${head} ${inline(value, indent)}`.trimEnd());
  }
}

function printSequence(node: SequenceNode, indent: string, lines: string[]): void {
  for (const item of node.items) {
    if (!isFilled(item)) {
      lines.push(`${indent}- ${inline(item, indent)}`);
      continue;
    }
    const from = lines.length;
    printBlock(item, `${indent}  `, lines);
    lines[from] = `${indent}- ${(lines[from] ?? '').slice(indent.length + 2)}`;
  }
}

function isFilled(node: Node): boolean {
  return (
    (node.kind === 'mapping' && node.entries.size > 0) || (node.kind === 'sequence' && node.items.length > 0)
  );
}

function inline(node: Node, indent: string): string {
  switch (node.kind) {
    case 'mapping':
      return '{}';
    case 'sequence':
      return '[]';
    case 'reference':
      return `!reference [${node.path.map(quote).join(', ')}]`;
    case 'scalar':
      return scalar(node, indent);
  }
}

function scalar(node: ScalarNode, indent: string): string {
  if (node.value === null) return 'null';
  if (typeof node.value !== 'string') return node.source;
  return isBlockable(node.value) ? block(node.value, indent) : textOf(node.value);
}

function scalarKey(name: string): string {
  return name === '<<' ? '"<<"' : textOf(name);
}

function textOf(text: string): string {
  if (!PLAIN.test(text) || text.includes(': ') || text.includes(' #') || text.endsWith(':'))
    return quote(text);
  const resolved = resolvePlainScalar(text);
  return resolved.kind === 'value' && resolved.value === text && !LOOKS_LIKE_OTHER_SCHEMA.test(text)
    ? text
    : quote(text);
}

/** Safe first and last characters, and nothing but printable ones between; the rest is quoted. */
const PLAIN = /^(?:[A-Za-z0-9_./$(~+^;=\\<]|-(?=[^\s-]))(?:[\x20-\x7e\u00a1-\u1fff\u3040-\ud7ff]*[^\s])?$/;

/** Numbers to YAML 1.2, booleans to some YAML 1.1 readers: quoted, so that other tools read the same. */
const LOOKS_LIKE_OTHER_SCHEMA = /^(?:[yYnN]|[-+]?[.0-9].*|~.*|=|<<)$/;

function quote(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Blocks hold printable lines only; the first may not start with a space, and at most one line break ends the last. */
function isBlockable(text: string): boolean {
  return (
    text.includes('\n') &&
    /^[^\s]/.test(text) &&
    !text.endsWith('\n\n') &&
    !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\p{Cs}]/u.test(text)
  );
}

function block(text: string, indent: string): string {
  const ends = text.endsWith('\n');
  const lines = (ends ? text.slice(0, -1) : text).split('\n');
  return [ends ? '|' : '|-', ...lines.map((line) => (line === '' ? '' : `${indent}  ${line}`))].join('\n');
}
