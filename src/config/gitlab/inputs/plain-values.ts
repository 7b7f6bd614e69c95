import {
  MAX_DEPTH,
  type MappingEntry,
  type Node,
  type Scalar,
  type Span,
  scalarText,
} from '../../document/index.ts';

export function textNode(value: string, span: Span): Node {
  return { kind: 'scalar', value, source: value, quoted: true, span };
}

/**
 * A plain value as a tree, all of it at one place. Values that JSON does not have become null, and so does what is
 * nested deeper than a file may be.
 */
export function nodeOf(value: unknown, span: Span, depth = 0): Node {
  if (Array.isArray(value) && depth < MAX_DEPTH) {
    return { kind: 'sequence', items: value.map((item) => nodeOf(item, span, depth + 1)), span };
  }
  if (typeof value === 'object' && value !== null && depth < MAX_DEPTH) {
    const entries = new Map<string, MappingEntry>();
    for (const [name, item] of Object.entries(value)) {
      const key = { kind: 'scalar', value: name, source: name, quoted: true, span } as const;
      entries.set(name, { key, value: nodeOf(item, span, depth + 1), via: [] });
    }
    return { kind: 'mapping', entries, span };
  }
  const scalar: Scalar =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  const quoted = typeof scalar === 'string';
  return { kind: 'scalar', value: scalar, source: scalar === null ? '' : String(scalar), quoted, span };
}

/**
 * How a value is written inside a longer text: as Ruby's `to_s` writes it, so a list is `["a", 1, nil]` and a mapping
 * `{:key=>"value"}`.
 */
export function textOfInput(node: Node): string {
  return node.kind === 'scalar' ? scalarText(node) : inspect(node);
}

function inspect(node: Node): string {
  switch (node.kind) {
    case 'scalar':
      if (node.value === null) return 'nil';
      return typeof node.value === 'string' ? quoted(node.value) : scalarText(node);
    case 'sequence':
      return `[${node.items.map(inspect).join(', ')}]`;
    case 'mapping': {
      const pairs = Array.from(node.entries, ([key, { value }]) => `${symbol(key)}=>${inspect(value)}`);
      return `{${pairs.join(', ')}}`;
    }
    case 'reference':
      return `!reference [${node.path.map(quoted).join(', ')}]`;
  }
}

function symbol(key: string): string {
  return /^[A-Za-z_]\w*[?!=]?$/.test(key) ? `:${key}` : `:${quoted(key)}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\u001b': '\\e',
};

/** `#` is escaped only where Ruby would take it for the start of something. */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\\n\t\r\u001b]|#(?=[{$@])/g, (char) => ESCAPES[char] ?? `\\${char}`)}"`;
}
