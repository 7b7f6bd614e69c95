import type { MappingNode, Node, ScalarNode, SequenceNode, Span, Via } from './node.ts';
import { resolvePlainScalar, scalarText } from './resolve-scalar.ts';

/**
 * The tree as YAML text that parses to the same values, to YAML 1.2 as well: block style, text that looks like another
 * type in quotes, text of several lines as a `|` block, `yes` as `true` and `017` as 15. Comments, anchors and styles of
 * the source are gone.
 */
export function printYaml(node: Node): string {
  const lines: string[] = [];
  for (const { text, block } of printYamlLines(node)) lines.push(text, ...block);
  return `${lines.join('\n')}\n`;
}

/** One line of the printed text, where a comment may follow, with the lines of a block that belong to it. */
export interface YamlLine {
  readonly text: string;
  /** The text of a `|` block, in which a `#` is no comment. */
  readonly block: readonly string[];
  /** Where it was written, and how it came from there; the nearest step first. */
  readonly span: Span;
  readonly via: readonly Via[];
}

/** The same text line by line, each with its origin. */
export function printYamlLines(node: Node): readonly YamlLine[] {
  const lines: YamlLine[] = [];
  printBlock(node, '', NO_STEPS, lines);
  return lines;
}

const NO_STEPS: readonly Via[] = [];

/** Appends the lines of a value that stands alone (not after `key:` or `- `). */
function printBlock(node: Node, indent: string, via: readonly Via[], lines: YamlLine[]): void {
  if (node.kind === 'mapping' && node.entries.size > 0) printMapping(node, indent, via, lines);
  else if (node.kind === 'sequence' && node.items.length > 0) printSequence(node, indent, via, lines);
  else lines.push(lineOf(indent, inline(node, indent), node.span, via));
}

function printMapping(node: MappingNode, indent: string, outer: readonly Via[], lines: YamlLine[]): void {
  for (const [name, { key, value, via: own }] of node.entries) {
    const via = own.length === 0 ? outer : outer.length === 0 ? own : [...own, ...outer];
    const head = `${indent}${keyText(name, key)}:`;
    if (isFilled(value)) {
      lines.push({ text: head, block: NO_BLOCK, span: key.span, via });
      printBlock(value, `${indent}  `, via, lines);
    } else lines.push(lineOf(`${head} `, inline(value, indent), key.span, via));
  }
}

function printSequence(node: SequenceNode, indent: string, via: readonly Via[], lines: YamlLine[]): void {
  for (const item of node.items) {
    if (!isFilled(item)) {
      lines.push(lineOf(`${indent}- `, inline(item, indent), item.span, via));
      continue;
    }
    const from = lines.length;
    printBlock(item, `${indent}  `, via, lines);
    const first = lines[from];
    if (first === undefined) continue;
    lines[from] = { ...first, text: `${indent}- ${first.text.slice(indent.length + 2)}` };
  }
}

const NO_BLOCK: readonly string[] = [];

function lineOf(head: string, value: string, span: Span, via: readonly Via[]): YamlLine {
  const [first = '', ...block] = value.split('\n');
  return { text: `${head}${first}`, block: block.length === 0 ? NO_BLOCK : block, span, via };
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
  if (typeof node.value === 'boolean' || Number.isFinite(node.value)) return scalarText(node);
  if (typeof node.value !== 'string') return node.source;
  return isBlockable(node.value) ? block(node.value, indent) : textOf(node.value);
}

/** A key that is no text stays none: whoever reads it complains as before. */
function keyText(name: string, { value, source }: ScalarNode): string {
  if (typeof value !== 'string') return value === null ? '~' : source;
  return name === '<<' ? '"<<"' : textOf(name);
}

function textOf(text: string): string {
  if (
    !PLAIN.test(text) ||
    UNSEEN.test(text) ||
    text.includes(': ') ||
    text.includes(' #') ||
    text.endsWith(':')
  )
    return quote(text);
  const resolved = resolvePlainScalar(text);
  return resolved.kind === 'value' && resolved.value === text && !LOOKS_LIKE_OTHER_SCHEMA.test(text)
    ? text
    : quote(text);
}

/** Safe first and last characters, and nothing but printable ones between; the rest is quoted. */
const PLAIN = /^(?:[A-Za-z0-9_./$(~+^;=\\<]|-(?=[^\s-]))(?:[\x20-\x7e\u00a1-\u1fff\u3040-\ud7ff]*[^\s])?$/;

/** Numbers to YAML 1.2, booleans to some YAML 1.1 readers: quoted, so that other tools read the same. */
const LOOKS_LIKE_OTHER_SCHEMA = /^(?:[yn]|[-+]?\.?[0-9].*|[-+]?\.(?:[^a-z].*|inf|nan)?|~.*|=|<<)$/i;

function quote(text: string): string {
  return JSON.stringify(text).replaceAll(
    UNSEEN_ALL,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** What a terminal acts on or nobody sees: controls beside the ASCII ones, line separators, directional marks. */
const UNSEEN = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
const UNSEEN_ALL = new RegExp(UNSEEN, 'g');

/** Blocks hold printable lines only, and one at least that is not empty. */
function isBlockable(text: string): boolean {
  return (
    text.includes('\n') &&
    /[^\s]/.test(text) &&
    !UNSEEN.test(text) &&
    !/[\u0000-\u0008\u000b-\u001f\ufffe\uffff\p{Cs}]/u.test(text)
  );
}

/** Where the first line is empty or begins with a space, how far the text is set in has to be said. */
function block(text: string, indent: string): string {
  const body = text.replace(/\n+$/, '');
  const breaks = text.length - body.length;
  const depth = /^\s/.test(text) ? '2' : '';
  const chomp = breaks === 0 ? '-' : breaks === 1 ? '' : '+';
  const lines = body.split('\n').map((line) => (line === '' ? '' : `${indent}  ${line}`));
  for (let more = 1; more < breaks; more++) lines.push('');
  return [`|${depth}${chomp}`, ...lines].join('\n');
}
