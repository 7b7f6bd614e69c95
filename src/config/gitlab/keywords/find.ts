import type { Shape } from '../entries/entry.ts';
import type { Keyword, Treatment } from './keyword.ts';
import { ANY_NAME, fieldsOf, LANGUAGE, namedValuesOf, wordsOf } from './shapes.ts';
import { keywordAt, treatmentOf } from './table.ts';

/** What stands at one place of a pipeline file. */
export interface FoundKeyword {
  /** `job:artifacts:paths`; ends with `NAME` where a person chooses the key. */
  readonly path: string;
  /** null: a key that a person chooses, such as the name of a variable. */
  readonly keyword: Keyword | null;
  readonly treatment: Treatment;
  /** Names that can stand below it as keys, in the order of the language. */
  readonly below: readonly string[];
  /** Words that it can have as its value, where it is one of a few. */
  readonly words: readonly string[];
}

/**
 * What stands under these keys of a document, from its root on: `['unit', 'artifacts', 'paths']`. Items of lists have
 * no key. A root key that is no setting is a job; `spec` is known at the root too, as the header's only key. Null:
 * nothing can stand there.
 */
export function findKeyword(keys: readonly string[]): FoundKeyword | null {
  const [first, ...rest] = keys;
  if (first === undefined) return null;
  let path = Object.hasOwn(LANGUAGE, first) ? first : 'job';
  let shape = LANGUAGE[path];
  for (const key of rest) {
    if (shape === undefined) return null;
    const fields: Readonly<Record<string, Shape>> = fieldsOf(shape);
    const known: boolean = Object.hasOwn(fields, key);
    shape = known ? fields[key] : (namedValuesOf(shape) ?? undefined);
    path = `${path}:${known ? key : ANY_NAME}`;
  }
  if (shape === undefined) return null;
  return {
    path,
    keyword: keywordAt(path),
    treatment: treatmentOf(path),
    below: Object.keys(fieldsOf(shape)),
    words: wordsOf(shape),
  };
}

/** The keywords that can stand at the root of a document, beside jobs. */
export const ROOT_KEYWORDS: readonly string[] = Object.keys(LANGUAGE).filter(
  (name) => name !== 'job' && name !== 'spec',
);
