import type { Treatment } from '../../gitlab/keywords/keyword.ts';
import { BUILD } from './build.ts';
import type { Field, Fields, Shape } from './field.ts';

/** What stands at one place of a build file. */
export interface FoundField {
  /** `steps:waitFor`; ends with `NAME` where a person chooses the key. */
  readonly path: string;
  /** null: a key that a person chooses. */
  readonly field: Field | null;
  readonly treatment: Treatment;
  /** Fields that can stand below it. */
  readonly below: readonly string[];
  /** Words that it can have as its value, where it is one of a few. */
  readonly words: readonly string[];
}

const ROOT: Shape = { type: 'record', fields: BUILD };
const HONOURED: Treatment = { kind: 'honoured' };

/**
 * What stands under these keys of a document, from its root on: `['steps', 'waitFor']`. Items of lists have no key. Null:
 * nothing can stand there. No keys: the root itself, which has an empty path.
 */
export function findField(keys: readonly string[]): FoundField | null {
  let found: FoundField = foundAt('', null, ROOT, HONOURED);
  let shape: Shape = ROOT;
  for (const key of keys) {
    const inner = innermost(shape);
    if (inner.type === 'map')
      return foundAt(join(found.path, 'NAME'), null, { type: 'text' }, found.treatment);
    const name = inner.type === 'record' ? fieldName(key, inner.fields) : null;
    const field = inner.type === 'record' && name !== null ? inner.fields[name] : undefined;
    if (field === undefined || name === null) return null;
    const treatment = field.treatment ?? (found.treatment.kind === 'honoured' ? HONOURED : found.treatment);
    shape = field.shape;
    found = foundAt(join(found.path, name), field, shape, treatment);
  }
  return found;
}

/** Every field, by its path, in the order of the language. */
export function allFields(): readonly FoundField[] {
  return [...fieldsBelow([], BUILD)];
}

/** The name of the table for a key as it is written: `wait_for` is `waitFor`; null: there is none. */
export function fieldName(key: string, fields: Fields): string | null {
  if (Object.hasOwn(fields, key)) return key;
  const camel = key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return Object.hasOwn(fields, camel) ? camel : null;
}

function* fieldsBelow(keys: readonly string[], fields: Fields): Iterable<FoundField> {
  for (const [name, { shape }] of Object.entries(fields)) {
    const found = findField([...keys, name]);
    if (found !== null) yield found;
    const inner = innermost(shape);
    if (inner.type === 'record') yield* fieldsBelow([...keys, name], inner.fields);
  }
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
