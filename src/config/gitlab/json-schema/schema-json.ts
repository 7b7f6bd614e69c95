/** A JSON Schema, or a part of one. */
export interface SchemaJson {
  readonly [key: string]: SchemaValue;
}

export type SchemaValue = SchemaJson | readonly (SchemaJson | string)[] | string | number | boolean;

/** `anyOf`, without the choices of choices and without any twice; plain types are put together. */
export function anyOf(choices: readonly SchemaJson[]): SchemaJson {
  const flat = choices.flatMap((choice) => innerChoices(choice) ?? [choice]);
  const different = [...new Map(flat.map((choice) => [JSON.stringify(choice), choice])).values()];
  const types = different.flatMap((choice) => plainType(choice) ?? []);
  const others = different.filter((choice) => plainType(choice) === null);
  const all = types.length > 1 ? [{ type: types }, ...others] : different;
  const [only] = all;
  if (only === undefined) return { not: {} };
  return all.length === 1 ? only : { anyOf: all };
}

function innerChoices(schema: SchemaJson): readonly SchemaJson[] | null {
  if (Object.keys(schema).length !== 1 || !Array.isArray(schema.anyOf)) return null;
  return schema.anyOf.filter((choice) => typeof choice === 'object');
}

function plainType(schema: SchemaJson): string | null {
  return Object.keys(schema).length === 1 && typeof schema.type === 'string' ? schema.type : null;
}

/**
 * That two keys are not there together; a null is as good as not there. It is put so that editors mark the second key,
 * and say `errorMessage`, which is a word of theirs.
 */
export function notTogether(first: string, second: string): SchemaJson {
  const errorMessage = `\`${second}\` cannot be used together with \`${first}\`.`;
  const isThere = { required: [first], properties: { [first]: { not: { type: 'null' } } } };
  return either(isThere, { properties: { [second]: { type: 'null', errorMessage } } });
}

/** One schema, or perhaps another, by whether a third holds. */
export function either(condition: SchemaJson, yes: SchemaJson, no?: SchemaJson): SchemaJson {
  // An object literal with `then` in it looks like a promise to a linter.
  const parts: readonly (readonly [string, SchemaJson])[] = [
    ['if', condition],
    ['then', yes],
  ];
  return Object.fromEntries(no === undefined ? parts : [...parts, ['else', no]]);
}

/** As text, with what is short on one line. */
export function printSchema(value: SchemaValue, indent = ''): string {
  const line = JSON.stringify(value);
  if (typeof value !== 'object' || line.length + indent.length <= LINE) return line;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = value.map((item) => `${inner}${printSchema(item, inner)}`);
    return `[\n${items.join(',\n')}\n${indent}]`;
  }
  const entries = Object.entries(value).map(
    ([key, item]) => `${inner}${JSON.stringify(key)}: ${printSchema(item, inner)}`,
  );
  return `{\n${entries.join(',\n')}\n${indent}}`;
}

const LINE = 110;
