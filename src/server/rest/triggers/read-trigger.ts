import type { ContextVariable } from '../../../config/index.ts';
import { wrongFields } from '../wrong-fields.ts';

/** What somebody who starts a pipeline with a token has given with it. */
export interface GivenTrigger {
  readonly token: string;
  readonly ref: string;
  readonly variables: Readonly<Record<string, ContextVariable>>;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/**
 * Reads a trigger from a body, with what stands in the address: `variables: {KEY: value}`, and inputs alike. All that was
 * sent but the token, as webhooks do it, a job finds in the file of TRIGGER_PAYLOAD. Throws WrongFields.
 */
export function readTrigger(
  body: unknown,
  more: { readonly ref?: string; readonly token?: string },
): GivenTrigger {
  const sent = fieldsOf(body);
  const all = new Map([...sent, ...Object.entries(more)]);
  const token = textOf(all.get('token'));
  const ref = textOf(all.get('ref'));
  if (token === null || token === '') throw wrongFields({ token: ['is missing'] });
  if (ref === null || ref === '') throw wrongFields({ ref: ['is missing'] });
  const variables = new Map<string, ContextVariable>();
  for (const [key, value] of fieldsOf(all.get('variables'))) {
    const text = textOf(value);
    if (!KEY.test(key) || text === null)
      throw wrongFields({ variables: ['needs to be a map of key-valued strings'] });
    variables.set(key, { value: text, expand: true, masked: false, file: false });
  }
  if (sent.size > 0 && !variables.has(PAYLOAD)) {
    const payload = JSON.stringify(Object.fromEntries([...sent].filter(([key]) => key !== 'token')));
    variables.set(PAYLOAD, { value: payload, expand: false, masked: false, file: true });
  }
  if (variables.size > MOST) throw wrongFields({ variables: [`are more than ${MOST}`] });
  return {
    token,
    ref,
    variables: Object.fromEntries(variables),
    inputs: Object.fromEntries(fieldsOf(all.get('inputs'))),
  };
}

const PAYLOAD = 'TRIGGER_PAYLOAD';
const KEY = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;
const MOST = 500;

function fieldsOf(given: unknown): ReadonlyMap<string, unknown> {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
    ? new Map(Object.entries(given))
    : new Map();
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}
