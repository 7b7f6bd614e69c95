import type { MappingNode } from '../../document/index.ts';
import { attributeOf, complain, type Position } from './entry.ts';

/** What a record asks of its keys, beside that they are known. */
export interface KeyRules {
  /** Keys that must have a value: `LOCATION KEY can't be blank`. */
  readonly required?: readonly string[];
  /** Keys that must be written: `LOCATION config missing required keys: KEY`. */
  readonly requiredKeys?: readonly string[];
  /** Exactly one of these keys must be written. */
  readonly oneOf?: readonly string[];
  /** Of each of these groups of keys at most one may be written. */
  readonly exclusive?: readonly (readonly string[])[];
  /** Keys that are known and refused: `LOCATION config contains disallowed keys: KEY`. */
  readonly disallowed?: readonly string[];
}

/** Reports what is missing and what does not go together. Like GitLab it counts a key whose value is null as written. */
export function hasTheRightKeys(node: MappingNode, rules: KeyRules, at: Position): boolean {
  let valid = true;
  for (const key of rules.required ?? []) {
    const value = node.entries.get(key)?.value;
    if (value !== undefined && !(value.kind === 'scalar' && value.value === null)) continue;
    complain(attributeOf(at, key), value?.span ?? node.span, "can't be blank");
    valid = false;
  }
  const missing = (rules.requiredKeys ?? []).filter((key) => !node.entries.has(key));
  if (missing.length > 0) {
    complain(at, node.span, `missing required keys: ${missing.join(', ')}`);
    valid = false;
  }
  const disallowed = (rules.disallowed ?? []).filter((key) => node.entries.has(key));
  if (disallowed.length > 0) {
    const span = node.entries.get(disallowed[0] ?? '')?.key.span ?? node.span;
    complain(at, span, `contains disallowed keys: ${disallowed.join(', ')}`);
    valid = false;
  }
  for (const group of rules.exclusive ?? []) valid = !haveConflict(node, group, at) && valid;
  return hasOneOf(node, rules.oneOf ?? [], at) && valid;
}

/** Reports keys that cannot stand together, in the order they were written, at the second of them. */
export function haveConflict(node: MappingNode, group: readonly string[], at: Position): boolean {
  const written = [...node.entries.keys()].filter((key) => group.includes(key));
  const [, second] = written;
  if (second === undefined) return false;
  const span = node.entries.get(second)?.key.span ?? node.span;
  complain(at, span, `these keys cannot be used together: ${written.join(', ')}`, {
    code: 'keywords-conflict',
  });
  return true;
}

function hasOneOf(node: MappingNode, keys: readonly string[], at: Position): boolean {
  const written = keys.filter((key) => node.entries.has(key));
  if (keys.length === 0 || written.length === 1) return true;
  const [, second] = written;
  const span = (second === undefined ? undefined : node.entries.get(second)?.key.span) ?? node.span;
  complain(at, span, `must use exactly one of these keys: ${keys.join(', ')}`, {
    ...(second === undefined ? {} : { code: 'keywords-conflict' }),
  });
  return false;
}
