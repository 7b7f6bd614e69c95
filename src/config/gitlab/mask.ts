import type { Json } from '../../pipeline/index.ts';
import type { ContextVariable, PipelineContext } from '../context.ts';

/** A text with the values of secret variables in it replaced. */
export type Mask = (text: string) => string;

export const MASKED = '[MASKED]';

/** `shortest`: shorter secrets are left, which in a whole document would be found in words that are none. */
export function maskOf(context: PipelineContext, shortest = 1): Mask {
  const secrets = givenVariables(context).flatMap(([, { masked, value }]) =>
    masked && value.length >= shortest ? value : [],
  );
  // The longer first: one secret may be a part of another.
  const ordered = [...new Set(secrets)].sort((a, b) => b.length - a.length);
  return (text) => ordered.reduce((masked, secret) => masked.replaceAll(secret, MASKED), text);
}

/** The names of the variables whose values nobody may see. */
export function maskedNames(context: PipelineContext): ReadonlySet<string> {
  return new Set(givenVariables(context).flatMap(([name, { masked }]) => (masked ? name : [])));
}

/** Every text in a value; the names of its properties stay. */
export function maskJson(value: Json, mask: Mask): Json {
  if (typeof value === 'string') return mask(value);
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map((item) => maskJson(item, mask));
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, maskJson(part, mask)]));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function givenVariables(context: PipelineContext): readonly (readonly [string, ContextVariable])[] {
  return [...Object.entries(context.projectVariables), ...Object.entries(context.pipelineVariables)];
}
