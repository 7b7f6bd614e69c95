import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../../runner-api/refusal.ts';
import { readForm } from './read-form.ts';

/**
 * Takes what GitLab takes beside JSON: forms of both kinds, as `curl --data` and `curl --form` send them, and fields of a
 * body that stand in the address. A body that is empty is none, whatever it is said to be.
 */
export async function acceptForms(server: FastifyInstance): Promise<void> {
  acceptNothingAsJson(server);
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_request: FastifyRequest, body: string | Buffer) => readForm(new URLSearchParams(String(body))),
  );
  await server.register(multipart, {
    limits: { fields: 2000, fieldSize: 64 * 1024, files: 0, headerPairs: 32 },
  });
  server.addHook('preValidation', async (request) => {
    if (request.isMultipart()) request.body = await readMultipart(request);
    if (request.routeOptions.schema?.body !== undefined) takeFromAddress(request);
  });
}

/** Clients that name JSON in each request do so where there is nothing to send, too. */
function acceptNothingAsJson(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null);
    else parse(request, body, done);
  });
}

async function readMultipart(request: FastifyRequest): Promise<Readonly<Record<string, unknown>>> {
  const fields: [string, string][] = [];
  for await (const part of request.parts()) {
    if (part.type === 'file') throw new Refusal(400, `${part.fieldname.slice(0, 100)} is a file`);
    fields.push([part.fieldname, String(part.value)]);
  }
  return readForm(fields);
}

/** What the route does not know as a part of the address is a field of the body; one that is there wins. */
function takeFromAddress(request: FastifyRequest): void {
  const { schema } = request.routeOptions;
  const known = propertiesOf(schema?.querystring);
  const search = request.url.includes('?') ? request.url.slice(request.url.indexOf('?') + 1) : '';
  const moved = [...new URLSearchParams(search)].filter(([name]) => !known.has(name));
  if (moved.length === 0) return;
  const body = typeof request.body === 'object' && request.body !== null ? request.body : {};
  request.body = { ...readForm(moved), ...body };
  const kept =
    typeof request.query === 'object' && request.query !== null ? Object.entries(request.query) : [];
  request.query = Object.fromEntries(kept.filter(([name]) => known.has(name)));
}

function propertiesOf(schema: unknown): ReadonlySet<string> {
  if (typeof schema !== 'object' || schema === null || !('properties' in schema)) return new Set();
  const { properties } = schema;
  return new Set(typeof properties === 'object' && properties !== null ? Object.keys(properties) : []);
}
