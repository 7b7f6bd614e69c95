import { defaultRecord, rootDefaultRecord } from '../entries/defaults.ts';
import type { Shape } from '../entries/entry.ts';
import { bridgeRecord, buildRecord } from '../entries/job-keys.ts';
import { stageList } from '../entries/root.ts';
import { rootVariables } from '../entries/variables.ts';
import { workflow } from '../entries/workflow.ts';
import { includeShape } from '../include/include-statement.ts';
import { specRecord } from '../inputs/header.ts';

/**
 * The shape of the whole language, by what can stand at the root of a document: `spec` in the header of a file, `job`
 * for every key that is not one of the others, and the settings.
 */
export const LANGUAGE: Readonly<Record<string, Shape>> = {
  spec: specRecord.shape,
  default: defaultRecord.shape,
  include: includeShape,
  stages: stageList.shape,
  variables: rootVariables.shape,
  workflow: workflow.shape,
  ...fieldsOf(rootDefaultRecord.shape),
  job: { type: 'one-of', choices: [buildRecord.shape, bridgeRecord.shape] },
};

/** The key that stands in a path for one that a person chooses. */
export const ANY_NAME = 'NAME';

/** Every keyword there is, as a path, each before those below it. */
export function* keywordPaths(): Generator<string> {
  for (const [name, shape] of Object.entries(LANGUAGE)) {
    yield name;
    yield* pathsBelow(name, shape);
  }
}

function* pathsBelow(path: string, shape: Shape): Generator<string> {
  for (const [name, field] of Object.entries(fieldsOf(shape))) {
    yield `${path}:${name}`;
    yield* pathsBelow(`${path}:${name}`, field);
  }
  const values = namedValuesOf(shape);
  if (values !== null) yield* pathsBelow(`${path}:${ANY_NAME}`, values);
}

/** The keywords that a value of this shape can have as keys, in lists and whatever form it takes. */
export function fieldsOf(shape: Shape): Readonly<Record<string, Shape>> {
  switch (shape.type) {
    case 'record':
      return shape.fields;
    case 'list':
      return fieldsOf(shape.items);
    case 'one-of': {
      const all: Record<string, Shape> = {};
      for (const choice of shape.choices) {
        for (const [name, field] of Object.entries(fieldsOf(choice))) all[name] = joined(all[name], field);
      }
      return all;
    }
    default:
      return {};
  }
}

/** What stands below names that a person chooses; null where there are none. */
export function namedValuesOf(shape: Shape): Shape | null {
  switch (shape.type) {
    case 'map':
      return shape.values;
    case 'list':
      return namedValuesOf(shape.items);
    case 'one-of': {
      const values = shape.choices.map(namedValuesOf).filter((value) => value !== null);
      return values.reduce<Shape | null>((all, value) => joined(all ?? undefined, value), null);
    }
    default:
      return null;
  }
}

/** The words that a value of this shape can be, where it is one of a few. */
export function wordsOf(shape: Shape): readonly string[] {
  switch (shape.type) {
    case 'enum':
      return shape.values;
    case 'boolean':
      return ['true', 'false'];
    case 'list':
      return wordsOf(shape.items);
    case 'one-of':
      return [...new Set(shape.choices.flatMap(wordsOf))];
    default:
      return [];
  }
}

function joined(one: Shape | undefined, other: Shape): Shape {
  if (one === undefined || one === other) return other;
  return { type: 'one-of', choices: [one, other] };
}
