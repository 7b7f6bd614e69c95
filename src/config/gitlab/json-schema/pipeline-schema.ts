import type { RecordShape, Shape } from '../entries/entry.ts';
import { MAKE_A_JOB } from '../entries/job.ts';
import { NOT_WITH_RULES } from '../entries/job-consistency.ts';
import { bridgeRecord, buildRecord } from '../entries/job-keys.ts';
import type { Treatment } from '../keywords/keyword.ts';
import { ANY_NAME, LANGUAGE } from '../keywords/shapes.ts';
import { describedPath, keywordAt, treatmentOf } from '../keywords/table.ts';
import { createDefinitions, type Definitions } from './definitions.ts';
import { anyOf, either, notTogether, type SchemaJson } from './schema-json.ts';

/**
 * The language as a JSON Schema (draft-07) for editors, made from the shapes that are read and the texts about them. It
 * sees one file as it is written: what may come from elsewhere (`extends`, `include`, `!reference`, inputs) is never
 * asked for. So it lets some files through that the reading refuses, and refuses none that the reading takes.
 */
export function pipelineSchema(): SchemaJson {
  const definitions = createDefinitions();
  const make = maker(definitions);
  const job = definitions.add('job', make.job());
  const properties: Record<string, SchemaJson> = {};
  for (const [name, shape] of Object.entries(LANGUAGE)) {
    if (name === 'job') continue;
    const setting = make.keyword(name, shape, name === 'spec' || name === 'include');
    const isJob = name === 'default' || name === 'workflow';
    properties[name] = isJob ? either(IS_JOB, job, setting) : setting;
  }
  return definitions.finish({
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'GitLab CI pipeline file',
    description: 'The language of .gitlab-ci.yml as Slipway reads it. Written by `make docs`.',
    type: 'object',
    propertyNames: { maxLength: 255 },
    properties,
    patternProperties: {
      // Templates may have any form; a hover still finds what a job's keywords mean.
      '^\\.': { anyOf: [job, {}] },
      [COMPUTED_KEY]: {},
    },
    additionalProperties: anyOf([job, definitions.add('computed', COMPUTED)]),
    allOf: [either({ required: ['spec'] }, { propertyNames: { const: 'spec' } })],
  });
}

const IS_JOB: SchemaJson = { type: 'object', anyOf: MAKE_A_JOB.map((key) => ({ required: [key] })) };

/** A merge key, or a key with an input in it. */
const COMPUTED_KEY = '^<<$|\\$\\[\\[';

/** What may stand for any value: nothing, an input that is put in, a `!reference`, which editors see as a list. */
const COMPUTED: SchemaJson = {
  anyOf: [
    { type: 'null' },
    { type: 'string', pattern: '\\$\\[\\[' },
    { type: 'array', items: { type: 'string' }, minItems: 2 },
  ],
};

interface Maker {
  /** `whole`: nothing can be added to the value from elsewhere, so what is missing is missing. */
  keyword(path: string, shape: Shape, whole: boolean): SchemaJson;
  job(): SchemaJson;
}

function maker(definitions: Definitions): Maker {
  function keyword(path: string, shape: Shape, whole: boolean): SchemaJson {
    const description = descriptionOf(path);
    const value = orComputed(schemaOf(path, shape, whole));
    const schema = description === null ? value : { description, ...value };
    return definitions.add(describedPath(path) ?? path, schema);
  }

  function orComputed(value: SchemaJson): SchemaJson {
    if (Object.keys(value).length === 0) return value;
    return anyOf([value, definitions.add('computed', COMPUTED)]);
  }

  function schemaOf(path: string, shape: Shape, whole: boolean): SchemaJson {
    switch (shape.type) {
      case 'any':
        return {};
      case 'boolean':
      case 'number':
        return { type: shape.type };
      case 'integer':
        return { type: 'integer', ...only(shape, ['minimum', 'maximum']) };
      case 'string':
        return { type: 'string', ...only(shape, ['minLength', 'maxLength', 'pattern']) };
      case 'enum':
        return { enum: shape.values };
      case 'list':
        return listOf(path, shape);
      case 'map':
        return {
          type: 'object',
          additionalProperties: orComputed(schemaOf(`${path}:${ANY_NAME}`, shape.values, whole)),
          ...(whole && shape.minItems !== undefined ? { minProperties: shape.minItems } : {}),
          ...(shape.keys === undefined
            ? {}
            : { propertyNames: { pattern: `${shape.keys}|${COMPUTED_KEY}` } }),
        };
      case 'one-of':
        return oneOf(path, shape.choices, whole);
      case 'record':
        return recordOf(path, shape, whole);
    }
  }

  /** Which of two records is meant is told by a key that only one of them has: then its faults are told, not both's. */
  function oneOf(path: string, choices: readonly Shape[], whole: boolean): SchemaJson {
    const [first, second, ...more] = choices.filter((choice) => choice.type === 'record');
    if (first === undefined || second === undefined || more.length > 0 || !areApart(first, second)) {
      return anyOf(choices.map((choice) => schemaOf(path, choice, whole)));
    }
    const telling = Object.keys(first.fields).filter((key) => !Object.hasOwn(second.fields, key));
    const records = either(
      { anyOf: telling.map((key) => ({ required: [key] })) },
      schemaOf(path, first, whole),
      schemaOf(path, second, whole),
    );
    const others = choices.filter((choice) => choice.type !== 'record');
    return anyOf([...others.map((choice) => schemaOf(path, choice, whole)), records]);
  }

  /** Items of lists are never merged with others, so they are whole. Lists in lists are spread into them. */
  function listOf(path: string, shape: Extract<Shape, { type: 'list' }>): SchemaJson {
    const item = orComputed(schemaOf(path, shape.items, true));
    const items = shape.nested === true ? anyOf([item, { type: 'array' }]) : item;
    return { type: 'array', items, ...only(shape, ['minItems', 'maxItems']) };
  }

  function recordOf(path: string, shape: RecordShape, whole: boolean): SchemaJson {
    const properties: Record<string, SchemaJson> = {};
    for (const [name, field] of Object.entries(shape.fields)) {
      properties[name] = keyword(`${path}:${name}`, field, whole);
    }
    const apart = [...(shape.exclusive ?? []), ...(shape.oneOf === undefined ? [] : [shape.oneOf])];
    const rules = [
      ...apart.flatMap(pairsOf).map(([one, other]) => notTogether(one, other)),
      ...(whole && shape.oneOf !== undefined
        ? [{ anyOf: shape.oneOf.map((key) => ({ required: [key] })) }]
        : []),
      ...(Object.hasOwn(properties, 'start_in') ? delayed(whole) : []),
    ];
    return {
      type: 'object',
      properties,
      ...(shape.open === true
        ? {}
        : { patternProperties: { [COMPUTED_KEY]: {} }, additionalProperties: false }),
      ...(whole && shape.required !== undefined ? { required: shape.required } : {}),
      ...(rules.length === 0 ? {} : { allOf: rules }),
    };
  }

  function job(): SchemaJson {
    const [build, bridge] = [buildRecord, bridgeRecord].map(({ shape }) => schemaOf('job', shape, false));
    if (build === undefined || bridge === undefined) throw new Error('a job is of one of two kinds');
    return {
      description: descriptionOf('job') ?? '',
      ...either({ required: ['trigger'] }, bridge, build),
      allOf: NOT_WITH_RULES.map((key) => notTogether('rules', key)),
    };
  }

  return { keyword, job };
}

/** Whether a key that only one of them has tells them apart, and the keys that both have say nothing else in one. */
function areApart(one: RecordShape, other: RecordShape): boolean {
  if (one.open === true || other.open === true) return false;
  const both = Object.keys(one.fields).filter((key) => Object.hasOwn(other.fields, key));
  return (
    both.length < Object.keys(one.fields).length && both.every((key) => one.fields[key] === other.fields[key])
  );
}

/** `start_in` and `when: delayed` belong together; in a job either may come from a template. */
function delayed(whole: boolean): readonly SchemaJson[] {
  const startsLater = { required: ['start_in'] };
  const isDelayed: SchemaJson = { properties: { when: anyOf([{ const: 'delayed' }, COMPUTED]) } };
  if (!whole) return [either(startsLater, isDelayed)];
  const saysDelayed = { required: ['when'], properties: { when: { const: 'delayed' } } };
  return [either(startsLater, { ...isDelayed, required: ['when'] }, { not: saysDelayed })];
}

function pairsOf(keys: readonly string[]): readonly (readonly [string, string])[] {
  return keys.flatMap((one, at) => keys.slice(at + 1).map((other) => [one, other] as const));
}

function only(shape: Shape, keys: readonly string[]): SchemaJson {
  return Object.fromEntries(
    Object.entries(shape).filter(([key, value]) => keys.includes(key) && value !== undefined),
  );
}

function descriptionOf(path: string): string | null {
  const keyword = keywordAt(path);
  if (keyword === null) return null;
  const remark = remarkOf(treatmentOf(path));
  return remark === null ? keyword.text : `${keyword.text}\n\n${remark}`;
}

function remarkOf(treatment: Treatment): string | null {
  switch (treatment.kind) {
    case 'honoured':
      return treatment.remark === undefined ? null : `In a local run: ${treatment.remark}`;
    case 'no-difference':
      return `Makes no difference in a local run: ${treatment.why}`;
    case 'not-acted-on':
      return `Not acted on in a local run: ${treatment.why}`;
  }
}
