/** The value of a key of a text that is a JSON object; one that is no text, as JSON. Null: there is none. */
export function valueInJson(text: string, key: string): string | null {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null; // What a parser says of it could quote a secret, so nobody is told.
  }
  if (typeof read !== 'object' || read === null || !Object.hasOwn(read, key)) return null;
  const value: unknown = Reflect.get(read, key);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
