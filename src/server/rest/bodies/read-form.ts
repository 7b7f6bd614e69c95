import { Refusal } from '../../runner-api/refusal.ts';

type Value = string | Value[] | { [key: string]: Value };

/**
 * The fields of a form as JSON would say them, by the rules that GitLab's clients know: `a[b]` is a field of an object,
 * `a[]` an entry of a list, and `a[][b]` a field of the list's last object, or of a new one when that has the field.
 * Values stay texts; whoever checks them turns them into what they should be. Throws a Refusal for what is no such form.
 */
export function readForm(
  fields: Iterable<readonly [name: string, value: string]>,
): Readonly<Record<string, unknown>> {
  const form: { [key: string]: Value } = Object.create(null);
  let count = 0;
  for (const [name, value] of fields) {
    count += 1;
    if (count > MOST_FIELDS) throw new Refusal(400, `A form has no more than ${MOST_FIELDS} fields`);
    put(form, pathOf(name), value);
  }
  return form;
}

const MOST_FIELDS = 2000;

/** `variables[][key]` is variables, nothing, key. */
function pathOf(name: string): readonly string[] {
  const [, first, rest = ''] = /^([^[\]]{1,255})((?:\[[^[\]]{0,255}\]){0,4})$/.exec(name) ?? [];
  if (first === undefined) throw new Refusal(400, `${name.slice(0, 100)} is no name of a field`);
  return [first, ...Array.from(rest.matchAll(/\[([^[\]]*)\]/g), ([, key = '']) => key)];
}

function put(into: { [key: string]: Value }, path: readonly string[], value: string): void {
  const [key = '', next, ...rest] = path;
  if (next === undefined) {
    into[key] = value;
  } else if (next === '') {
    const list = into[key] ?? [];
    if (!Array.isArray(list)) throw new Refusal(400, `${key} is a list and something else`);
    into[key] = list;
    append(list, rest, value);
  } else {
    const inner = into[key] ?? Object.create(null);
    if (typeof inner === 'string' || Array.isArray(inner)) throw new Refusal(400, `${key} is given twice`);
    into[key] = inner;
    put(inner, [next, ...rest], value);
  }
}

function append(list: Value[], path: readonly string[], value: string): void {
  const [key] = path;
  if (key === undefined) return void list.push(value);
  const last = list.at(-1);
  const isOpen = typeof last === 'object' && !Array.isArray(last) && !(key in last && path.length === 1);
  const entry: { [key: string]: Value } = isOpen ? last : Object.create(null);
  if (!isOpen) list.push(entry);
  put(entry, path, value);
}
