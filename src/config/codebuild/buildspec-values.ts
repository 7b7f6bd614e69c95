import { closestTo } from '../../base/closest.ts';
import type { Problem } from '../../base/problem.ts';
import { type MappingEntry, type MappingNode, type Node, problemAt, scalarText } from '../document/index.ts';
import type { Fields } from '../fields/field.ts';

/** A text and where it stands. */
export interface PlacedText {
  readonly text: string;
  readonly node: Node;
}

/**
 * Reads the values of a buildspec, and collects what is wrong with them. A null is as good as not written; numbers and
 * `yes` are texts as they were written.
 */
export interface ValueReader {
  readonly problems: Problem[];
  mapping(parent: MappingNode | null, key: string): MappingNode | null;
  text(parent: MappingNode | null, key: string): PlacedText | null;
  /** A list of texts; one text is as good as a list of it. */
  texts(parent: MappingNode | null, key: string): readonly PlacedText[];
  /** A list of mappings. */
  mappings(parent: MappingNode | null, key: string): readonly MappingNode[];
  /** `yes` or `no`, or as YAML has them. */
  flag(parent: MappingNode | null, key: string): boolean;
  word<Word extends string>(parent: MappingNode | null, key: string, words: readonly Word[]): Word | null;
  /** The keys of a mapping with their texts. */
  pairs(parent: MappingNode | null, key: string): readonly (readonly [name: string, value: PlacedText])[];
  /** Warns of keys that the language does not have there. */
  known(mapping: MappingNode | null, place: string, fields: Fields): void;
  error(node: Node, message: string, hint?: string | null): void;
  /** Warns of what makes a difference in CodeBuild and none here. */
  notActedOn(node: Node, message: string): void;
  /** Warns of a key that belongs to the other version of the language. */
  wrongVersion(node: Node, message: string, hint: string): void;
}

export function createValueReader(): ValueReader {
  const problems: Problem[] = [];

  function error(node: Node, message: string, hint: string | null = null): void {
    problems.push(problemAt(node.span, { code: 'buildspec-wrong-value', message, hint }));
  }

  function notActedOn(node: Node, message: string): void {
    problems.push(problemAt(node.span, { severity: 'warning', code: 'buildspec-not-acted-on', message }));
  }

  function wrongVersion(node: Node, message: string, hint: string): void {
    problems.push(
      problemAt(node.span, { severity: 'warning', code: 'buildspec-wrong-version', message, hint }),
    );
  }

  function textOf(node: Node, what: string): PlacedText | null {
    if (node.kind === 'scalar') return { text: writtenText(node), node };
    const hint =
      node.kind === 'mapping' ? 'A `: ` makes this a mapping; put the whole text in quotes.' : null;
    error(node, `${what} should be a text`, hint);
    return null;
  }

  function text(parent: MappingNode | null, key: string): PlacedText | null {
    const node = valueIn(parent, key);
    return node === null ? null : textOf(node, key);
  }

  return {
    problems,
    error,
    notActedOn,
    wrongVersion,
    text,
    mapping(parent, key) {
      const node = valueIn(parent, key);
      if (node === null || node.kind === 'mapping') return node;
      error(node, `${key} should be a mapping`);
      return null;
    },
    texts(parent, key) {
      const node = valueIn(parent, key);
      if (node === null) return [];
      const items = node.kind === 'sequence' ? node.items : [node];
      return items.flatMap((item) => (isNull(item) ? [] : (textOf(item, `Each of ${key}`) ?? [])));
    },
    mappings(parent, key) {
      const node = valueIn(parent, key);
      if (node === null) return [];
      if (node.kind !== 'sequence') {
        error(node, `${key} should be a list`);
        return [];
      }
      return node.items.flatMap((item) => {
        if (item.kind === 'mapping') return [item];
        error(item, `Each of ${key} should be a mapping`);
        return [];
      });
    },
    flag(parent, key) {
      const found = text(parent, key);
      if (found === null) return false;
      if (/^(?:yes|true|on)$/i.test(found.text)) return true;
      if (!/^(?:no|false|off)$/i.test(found.text)) error(found.node, `${key} should be yes or no`);
      return false;
    },
    word(parent, key, words) {
      const found = text(parent, key);
      if (found === null) return null;
      const word = words.find((candidate) => candidate.toLowerCase() === found.text.toLowerCase());
      if (word !== undefined) return word;
      const near = closestTo(found.text, words);
      const hint = near === null ? null : `Did you mean \`${near}\`?`;
      error(found.node, `${key} should be one of: ${words.join(', ')}`, hint);
      return null;
    },
    pairs(parent, key) {
      const node = valueIn(parent, key);
      if (node === null) return [];
      if (node.kind !== 'mapping') {
        error(node, `${key} should be a mapping of names to texts`);
        return [];
      }
      return [...node.entries].flatMap(([name, { value }]) => {
        const found = isNull(value) ? { text: '', node: value } : textOf(value, name);
        return found === null ? [] : [[name, found] as const];
      });
    },
    known(mapping, place, fields) {
      for (const [key, entry] of mapping?.entries ?? []) {
        if (!Object.hasOwn(fields, key)) problems.push(unknownKey(entry, key, place, Object.keys(fields)));
      }
    },
  };
}

export function valueIn(parent: MappingNode | null, key: string): Node | null {
  const node = parent?.entries.get(key)?.value ?? null;
  return node === null || isNull(node) ? null : node;
}

function writtenText(node: Extract<Node, { readonly kind: 'scalar' }>): string {
  return node.quoted || typeof node.value === 'string' ? scalarText(node) : node.source;
}

function isNull(node: Node): boolean {
  return node.kind === 'scalar' && node.value === null;
}

/** CodeBuild passes over what it does not know; a person who wrote it did not mean that. */
function unknownKey({ key }: MappingEntry, written: string, place: string, keys: readonly string[]): Problem {
  const near = closestTo(written, keys);
  return problemAt(key.span, {
    severity: 'warning',
    code: 'buildspec-unknown-key',
    message: `${place} has no key ${JSON.stringify(written.slice(0, 100))}: it makes no difference`,
    hint: near === null ? `Keys here are: ${keys.join(', ')}.` : `Did you mean \`${near}\`?`,
  });
}
