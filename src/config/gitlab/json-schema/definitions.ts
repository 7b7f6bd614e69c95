import type { SchemaJson, SchemaValue } from './schema-json.ts';

/**
 * Parts of a schema that may be needed in several places. What is added is answered with a reference; in the end those
 * that are needed once, or say little, are put back where they are needed, and the others keep a name.
 */
export interface Definitions {
  add(name: string, schema: SchemaJson): SchemaJson;
  /** The schema with its `definitions`, ready to be printed. */
  finish(schema: SchemaJson): SchemaJson;
}

/** Shorter parts are easier to read where they are. */
const WORTH_A_NAME = 120;

export function createDefinitions(): Definitions {
  const schemas = new Map<string, SchemaJson>();
  const nameOf = new Map<string, string>();

  function freeName(wanted: string): string {
    let name = wanted;
    for (let at = 2; schemas.has(name); at++) name = `${wanted}-${at}`;
    return name;
  }

  return {
    add(wanted, schema) {
      const text = JSON.stringify(schema);
      const name = nameOf.get(text) ?? freeName(wanted);
      nameOf.set(text, name);
      schemas.set(name, schema);
      return { $ref: `${PREFIX}${name}` };
    },

    finish(root) {
      const uses = countUses(root, schemas);
      const kept = new Map<string, SchemaJson>();

      function resolved(schema: SchemaJson): SchemaJson {
        const name = referenced(schema);
        const target = name === null ? undefined : schemas.get(name);
        if (name === null || target === undefined) return mapped(schema, resolved);
        const whole = kept.get(name) ?? mapped(target, resolved);
        if (uses.get(name) === 1 || JSON.stringify(whole).length < WORTH_A_NAME) return whole;
        kept.set(name, whole);
        return schema;
      }

      const whole = resolved(root);
      const definitions = [...kept].sort(([a], [b]) => (a < b ? -1 : 1));
      return { ...whole, definitions: Object.fromEntries(definitions) };
    },
  };
}

const PREFIX = '#/definitions/';

function referenced(schema: SchemaJson): string | null {
  return typeof schema.$ref === 'string' ? schema.$ref.slice(PREFIX.length) : null;
}

/** How often each part is referred to; a part that is, refers to others once. */
function countUses(root: SchemaJson, schemas: ReadonlyMap<string, SchemaJson>): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  function visit(schema: SchemaJson): SchemaJson {
    const name = referenced(schema);
    const before = name === null ? 0 : (uses.get(name) ?? 0);
    if (name !== null) uses.set(name, before + 1);
    const target = name === null ? schema : schemas.get(name);
    return before > 0 || target === undefined ? schema : mapped(target, visit);
  }
  visit(root);
  return uses;
}

/** The same schema with each schema in it changed. */
function mapped(schema: SchemaJson, change: (part: SchemaJson) => SchemaJson): SchemaJson {
  const changed: Record<string, SchemaValue> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (isList(value)) changed[key] = value.map((item) => (typeof item === 'string' ? item : change(item)));
    else changed[key] = typeof value === 'object' ? change(value) : value;
  }
  return changed;
}

function isList(value: SchemaValue): value is readonly (SchemaJson | string)[] {
  return Array.isArray(value);
}
