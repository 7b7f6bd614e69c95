import type { SchemaJson, SchemaValue } from '../gitlab/json-schema/schema-json.ts';
import type { Field, Fields, Shape } from './field.ts';

/** In what the languages differ. */
export interface SchemaManner {
  /** The kinds of values that are taken for a text. */
  readonly texts: readonly string[];
  /** A field is also taken in snake case. */
  readonly snakeCase: boolean;
  /** Words are taken however they are written, and `yes` is YAML's own. */
  readonly anyCase: boolean;
}

/** The JSON Schema of a file whose root has these fields, without `$schema` and `title`. */
export function fieldsSchema(root: Fields, manner: SchemaManner): SchemaJson {
  return createSchemas(manner)(root);
}

function createSchemas(manner: SchemaManner): (fields: Fields) => SchemaJson {
  const text: SchemaJson = { type: [...manner.texts, 'null'] };

  function recordSchema(fields: Fields): SchemaJson {
    const properties: Record<string, SchemaValue> = {};
    const patterns: Record<string, SchemaValue> = {};
    for (const [name, field] of Object.entries(fields)) {
      properties[name] = fieldSchema(field);
      const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      if (manner.snakeCase && snake !== name) patterns[`^${snake}$`] = shapeSchema(field.shape);
    }
    const required = Object.entries(fields).flatMap(([name, field]) =>
      field.required === true ? [name] : [],
    );
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
        return text;
      case 'boolean':
        return { type: ['boolean', 'null'] };
      case 'integer':
        return { type: ['integer', 'string', 'null'], pattern: '^-?\\d+$' };
      case 'duration':
        return { type: ['string', 'null'], pattern: '^(?:\\d+h)?(?:\\d+m)?(?:\\d+(?:\\.\\d*)?s)?$' };
      case 'word':
        return wordSchema(shape.words, shape.also);
      case 'list':
        return listSchema(shape.items);
      case 'map':
        return {
          type: ['object', 'null'],
          additionalProperties: shape.items === undefined ? text : shapeSchema(shape.items),
        };
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

  /** In any case: each word as it is offered, and by a pattern as else it may be written. */
  function wordSchema(words: readonly string[], also: string | undefined): SchemaJson {
    const patterns = [
      ...(manner.anyCase ? [`^(?:${words.map(inAnyCase).join('|')})$`] : []),
      ...(also === undefined ? [] : [also]),
    ].map((pattern) => ({ type: 'string', pattern }));
    const numbers = words
      .map(Number)
      .filter((number) => manner.anyCase && !Number.isNaN(number))
      .map((number) => ({ const: number }));
    const booleans = manner.anyCase && words.includes('yes') ? [{ type: 'boolean' }] : [];
    return { anyOf: [{ enum: [...words] }, ...patterns, ...numbers, ...booleans, { type: 'null' }] };
  }

  return recordSchema;
}

function inAnyCase(word: string): string {
  return word.replace(/[a-z]|[^\w]/gi, (char) =>
    /[a-z]/i.test(char) ? `[${char.toLowerCase()}${char.toUpperCase()}]` : `\\${char}`,
  );
}
