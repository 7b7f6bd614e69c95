import type { SchemaJson, SchemaValue } from '../gitlab/json-schema/schema-json.ts';
import { BUILD } from './language/build.ts';
import type { Field, Fields, Shape } from './language/field.ts';

/**
 * The JSON Schema of build files, made of the table that they are read with. Fields are offered in camel case; in snake
 * case they are taken too, by a pattern.
 */
export function cloudbuildSchema(): SchemaJson {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A build file of Google Cloud Build',
    ...recordSchema(BUILD),
  };
}

function recordSchema(fields: Fields): SchemaJson {
  const properties: Record<string, SchemaValue> = {};
  const patterns: Record<string, SchemaValue> = {};
  for (const [name, field] of Object.entries(fields)) {
    properties[name] = fieldSchema(field);
    const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (snake !== name) patterns[`^${snake}$`] = shapeSchema(field.shape);
  }
  const required = Object.entries(fields).flatMap(([name, field]) => (field.required === true ? [name] : []));
  return {
    type: 'object',
    properties,
    ...(Object.keys(patterns).length === 0 ? {} : { patternProperties: patterns }),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

function fieldSchema({ text, shape }: Field): SchemaJson {
  return { description: text, ...shapeSchema(shape) };
}

function shapeSchema(shape: Shape): SchemaJson {
  switch (shape.type) {
    case 'text':
      return { type: ['string', 'null'] };
    case 'boolean':
      return { type: ['boolean', 'null'] };
    case 'integer':
      return { type: ['integer', 'string', 'null'], pattern: '^-?\\d+$' };
    case 'duration':
      return { type: ['string', 'null'], pattern: '^(?:\\d+h)?(?:\\d+m)?(?:\\d+(?:\\.\\d*)?s)?$' };
    case 'word':
      return { anyOf: [{ enum: [...shape.words] }, { type: 'null' }] };
    case 'list':
      return listSchema(shape.items);
    case 'map':
      return { type: ['object', 'null'], additionalProperties: { type: ['string', 'null'] } };
    case 'record':
      return { ...recordSchema(shape.fields), type: ['object', 'null'] };
    case 'any':
      return {};
  }
}

/** One value is as good as a list of it. */
function listSchema(items: Shape): SchemaJson {
  const list: SchemaJson = { type: ['array', 'null'], items: itemSchema(items) };
  return items.type === 'record' ? list : { anyOf: [list, itemSchema(items)] };
}

/** An item that is null is none. */
function itemSchema(items: Shape): SchemaJson {
  const schema = shapeSchema(items);
  if (schema.type === undefined || !Array.isArray(schema.type)) return schema;
  const types = schema.type.filter((type) => type !== 'null');
  const [only] = types;
  return { ...schema, type: types.length === 1 && only !== undefined ? only : types };
}
