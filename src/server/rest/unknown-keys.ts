import type { FastifyRequest } from 'fastify';
import { Refusal } from '../runner-api/refusal.ts';

/**
 * Refuses what a route does not know: a filter that is passed over gives the wrong list, and a setting that is passed
 * over is not set.
 */
export function refuseUnknown(request: FastifyRequest): void {
  const { schema } = request.routeOptions;
  for (const [given, known] of [
    [request.query, schema?.querystring],
    [request.body, schema?.body],
  ] as const) {
    const keys = keysOf(known);
    if (keys === null || typeof given !== 'object' || given === null || Array.isArray(given)) continue;
    const unknown = Object.keys(given).find((key) => !keys.has(key));
    if (unknown !== undefined) throw new Refusal(400, `${unknown.slice(0, 100)} is not supported here`);
  }
}

/** null: any. */
function keysOf(schema: unknown): ReadonlySet<string> | null {
  if (schema === undefined) return NONE;
  if (typeof schema !== 'object' || schema === null || !('properties' in schema)) return null;
  const { properties } = schema;
  return typeof properties === 'object' && properties !== null ? new Set(Object.keys(properties)) : null;
}

const NONE: ReadonlySet<string> = new Set();
