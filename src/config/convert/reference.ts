/** A value of this one event in a text, for which GitLab has a variable. */
export interface Reference {
  /** The variable's name. */
  readonly name: string;
  /** What it is for this event. */
  readonly value: string;
}

export type TextPart = string | Reference;

/** A text with references in it as one text, which `partsOf` takes apart again. */
export function encodeParts(parts: readonly TextPart[]): string {
  return parts
    .map((part) => (typeof part === 'string' ? part : `${OPEN}${part.name}=${part.value}${CLOSE}`))
    .join('');
}

/** Whether anything in it could be taken for a reference that `encodeParts` has made. */
export function holdsReferences(text: string): boolean {
  return text.includes(OPEN);
}

/** So that nothing in it is taken for a reference, until `asWritten`. */
export function apartFromReferences(text: string): string {
  return text.replaceAll(OPEN, `${OPEN}!`);
}

export function asWritten(text: string): string {
  return text.replaceAll(`${OPEN}!`, OPEN);
}

/** The parts of a text that `encodeParts` has made; a text without references is one part, an empty one none. */
export function partsOf(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(ENCODED)) {
    if (match.index > from) parts.push(text.slice(from, match.index));
    parts.push({ name: match[1] ?? '', value: match[2] ?? '' });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

/** With the values of this event. */
export function withValues(text: string): string {
  return partsOf(text)
    .map((part) => (typeof part === 'string' ? part : part.value))
    .join('');
}

/** With `$NAME` for a reference; null where the text has a `$` of its own, which would be taken for one, too. */
export function withVariables(text: string): string | null {
  const parts = partsOf(text);
  if (parts.some((part) => typeof part === 'string' && part.includes('$'))) return null;
  return writtenParts(parts);
}

/** `$NAME`, or `${NAME}` where what follows would be read as more of the name. */
export function writtenParts(parts: readonly TextPart[]): string {
  return parts
    .map((part, index) => {
      if (typeof part === 'string') return part;
      const next = parts[index + 1];
      return typeof next === 'string' && /^\w/.test(next) ? `\${${part.name}}` : `$${part.name}`;
    })
    .join('');
}

/** Characters for private use, which no pipeline file has for a reason. */
const OPEN = '\ue000';
const CLOSE = '\ue001';
const ENCODED = /\ue000([A-Z][A-Z0-9_]*)=([^\ue000\ue001]*)\ue001/g;
