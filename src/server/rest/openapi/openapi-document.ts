import type { RouteOptions } from 'fastify';
import type { RestSchemas } from '../rest-scope.ts';

/** What is read of a route here. */
export type DescribedRoute = Pick<RouteOptions, 'method' | 'url' | 'schema'>;

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

/** The API as an OpenAPI 3.1 document, made of the routes as they are checked and answered: it cannot say anything else. */
export function openApiDocument(
  routes: readonly DescribedRoute[],
  schemas: RestSchemas,
  version: string,
): JsonObject {
  const names = new Map<unknown, string>(
    Object.entries(schemas)
      .filter(([name, value]) => name.startsWith('Rest') && isObject(value))
      .map(([name, value]) => [value, name]),
  );
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    for (const method of [route.method].flat()) {
      if (method === 'HEAD') continue;
      const path = pathOf(route.url);
      paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(route, names) };
    }
  }
  const used = [...names].map(([schema, name]) => [name, plain(schema, names, schema)] as const);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Slipway',
      version,
      description: "GitLab's REST API, version 4, as far as Slipway answers it.",
    },
    servers: [{ url: '/api/v4' }],
    security: [{ token: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(used),
      securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'PRIVATE-TOKEN' } },
    },
  };
}

function pathOf(url: string): string {
  return url
    .replace(/^\/api\/v4/, '')
    .replace(/:(\w+)/g, '{$1}')
    .replace('*', '{path}');
}

function operationOf({ schema = {} }: DescribedRoute, names: ReadonlyMap<unknown, string>): JsonObject {
  const { params, querystring, body, response } = schema;
  const parameters = [...parametersOf('path', params, names), ...parametersOf('query', querystring, names)];
  return {
    ...('summary' in schema && typeof schema.summary === 'string' ? { summary: schema.summary } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { content: { 'application/json': { schema: plain(body, names) } } } }),
    responses: responsesOf(response, names),
  };
}

function parametersOf(
  where: 'path' | 'query',
  schema: unknown,
  names: ReadonlyMap<unknown, string>,
): readonly JsonObject[] {
  if (!isObject(schema) || !isObject(schema.properties)) return [];
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties).map(([name, value]) => ({
    name: name === '*' ? 'path' : name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: plain(value, names),
  }));
}

function responsesOf(response: unknown, names: ReadonlyMap<unknown, string>): JsonObject {
  if (!isObject(response)) return { '200': { description: 'The bytes', content: { '*/*': {} } } };
  return Object.fromEntries(
    Object.entries(response).map(([code, schema]) => [
      code.toUpperCase(),
      isObject(schema) && schema.type === 'null'
        ? { description: DESCRIPTIONS.get(code) ?? 'An answer' }
        : {
            description: DESCRIPTIONS.get(code) ?? 'An answer',
            content: { 'application/json': { schema: plain(schema, names) } },
          },
    ]),
  );
}

const DESCRIPTIONS: ReadonlyMap<string, string> = new Map([
  ['200', 'Success'],
  ['201', 'It has been made'],
  ['202', 'It goes on after the answer'],
  ['204', 'Done; there is nothing to say'],
  ['4xx', 'Not done'],
]);

/** A schema as JSON; those that have a name are referred to by it, except for `itself`. */
function plain(schema: unknown, names: ReadonlyMap<unknown, string>, itself?: unknown): Json {
  const name = schema === itself ? undefined : names.get(schema);
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
  if (Array.isArray(schema)) return schema.map((one) => plain(one, names));
  if (isObject(schema)) {
    return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, plain(value, names)]));
  }
  return typeof schema === 'string' || typeof schema === 'number' || typeof schema === 'boolean'
    ? schema
    : null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
