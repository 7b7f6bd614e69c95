import type { Treatment } from '../gitlab/keywords/keyword.ts';
import type { Field, Fields, Shape } from './field.ts';

/** What stands at one place of a file. */
export interface FoundField {
  /** `steps:waitFor`; `NAME` stands where a person chooses the key. */
  readonly path: string;
  /** null: a key that a person chooses, or the root. */
  readonly field: Field | null;
  readonly treatment: Treatment;
  /** Fields that can stand below it. */
  readonly below: readonly string[];
  /** Words that it can have as its value, where it is one of a few. */
  readonly words: readonly string[];
}

/** The fields of a language, by where they stand. */
export interface FieldFinder {
  /**
   * What stands under these keys of a document, from its root on: `['steps', 'waitFor']`. Items of lists have no key.
   * Null: nothing can stand there. No keys: the root itself, which has an empty path.
   */
  find(keys: readonly string[]): FoundField | null;
  /** Every field, in the order of the language. */
  all(): readonly FoundField[];
}

/** `nameOf`: the name that a table has for a key as it is written; null: it has none. */
export function fieldFinder(
  fields: Fields,
  nameOf: (key: string, fields: Fields) => string | null = ownName,
): FieldFinder {
  const root: Shape = { type: 'record', fields };

  function find(keys: readonly string[]): FoundField | null {
    let found: FoundField = foundAt('', null, root, HONOURED);
    let shape: Shape = root;
    for (const key of keys) {
      const inner = innermost(shape);
      if (inner.type === 'map') {
        shape = inner.items ?? { type: 'text' };
        found = foundAt(join(found.path, 'NAME'), null, shape, found.treatment);
        continue;
      }
      const name = inner.type === 'record' ? nameOf(key, inner.fields) : null;
      const field = inner.type === 'record' && name !== null ? inner.fields[name] : undefined;
      if (field === undefined || name === null) return null;
      const treatment = field.treatment ?? (found.treatment.kind === 'honoured' ? HONOURED : found.treatment);
      shape = field.shape;
      found = foundAt(join(found.path, name), field, shape, treatment);
    }
    return found;
  }

  function* below(keys: readonly string[], shape: Shape): Iterable<FoundField> {
    const inner = innermost(shape);
    if (inner.type === 'map' && inner.items !== undefined) yield* below([...keys, 'NAME'], inner.items);
    if (inner.type !== 'record') return;
    for (const [name, field] of Object.entries(inner.fields)) {
      const found = find([...keys, name]);
      if (found !== null) yield found;
      yield* below([...keys, name], field.shape);
    }
  }

  return { find, all: () => [...below([], root)] };
}

const HONOURED: Treatment = { kind: 'honoured' };

function ownName(key: string, fields: Fields): string | null {
  return Object.hasOwn(fields, key) ? key : null;
}

function foundAt(path: string, field: Field | null, shape: Shape, treatment: Treatment): FoundField {
  const inner = innermost(shape);
  return {
    path,
    field,
    treatment,
    below: inner.type === 'record' ? Object.keys(inner.fields) : [],
    words: inner.type === 'word' ? inner.words : inner.type === 'boolean' ? ['true', 'false'] : [],
  };
}

/** What a list is a list of. */
function innermost(shape: Shape): Shape {
  return shape.type === 'list' ? innermost(shape.items) : shape;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}:${name}`;
}
