/** One component of a glob, compiled: matches a single file name. */
export type NameGlob = readonly NameToken[];

type NameToken =
  | { readonly kind: 'text'; readonly character: string }
  | { readonly kind: 'any-one' }
  | { readonly kind: 'any-run' }
  | {
      readonly kind: 'class';
      readonly negated: boolean;
      readonly ranges: readonly (readonly [number, number])[];
    };

/**
 * Compiles a component: `*` any run, `?` one character, `[a-z]`, `[!a]` and `[^a]` classes, `\` makes the next character
 * plain. A leading dot is a character like any other, as for GitLab's runner.
 *
 * @returns null when a class is never closed or is empty, or the component ends in `\`.
 */
export function parseNameGlob(text: string): NameGlob | null {
  const characters = [...text];
  const tokens: NameToken[] = [];
  let at = 0;
  while (at < characters.length) {
    const character = characters[at] ?? '';
    at += 1;
    if (character === '*') {
      if (tokens.at(-1)?.kind !== 'any-run') tokens.push({ kind: 'any-run' });
    } else if (character === '?') {
      tokens.push({ kind: 'any-one' });
    } else if (character === '[') {
      const parsed = parseClass(characters, at);
      if (parsed === null) return null;
      tokens.push(parsed.token);
      at = parsed.next;
    } else if (character === '\\') {
      const plain = characters[at];
      if (plain === undefined) return null;
      tokens.push({ kind: 'text', character: plain });
      at += 1;
    } else {
      tokens.push({ kind: 'text', character });
    }
  }
  return tokens;
}

/**
 * Time is at most name times glob: on a mismatch only the last `*` is tried one character further, which is enough
 * because an earlier `*` could not do better. A regular expression would be exponential on hostile globs.
 */
export function matchesName(glob: NameGlob, name: string): boolean {
  const characters = [...name];
  let token = 0;
  let character = 0;
  let retryToken = -1;
  let retryCharacter = 0;
  while (character < characters.length) {
    const current = glob[token];
    if (current?.kind === 'any-run') {
      retryToken = token + 1;
      retryCharacter = character;
      token += 1;
    } else if (current !== undefined && matchesOne(current, characters[character] ?? '')) {
      token += 1;
      character += 1;
    } else if (retryToken >= 0) {
      retryCharacter += 1;
      token = retryToken;
      character = retryCharacter;
    } else {
      return false;
    }
  }
  while (glob[token]?.kind === 'any-run') token += 1;
  return token === glob.length;
}

function matchesOne(token: NameToken, character: string): boolean {
  switch (token.kind) {
    case 'text':
      return token.character === character;
    case 'any-one':
      return true;
    case 'any-run':
      return false;
    case 'class': {
      const code = character.codePointAt(0) ?? 0;
      return token.ranges.some(([low, high]) => code >= low && code <= high) !== token.negated;
    }
  }
}

function parseClass(
  characters: readonly string[],
  start: number,
): { readonly token: NameToken; readonly next: number } | null {
  let at = start;
  const negated = characters[at] === '!' || characters[at] === '^';
  if (negated) at += 1;
  const ranges: [number, number][] = [];
  while (characters[at] !== ']') {
    const low = readClassMember(characters, at);
    if (low === null) return null;
    at = low.next;
    let high = low.code;
    if (characters[at] === '-' && characters[at + 1] !== ']') {
      const end = readClassMember(characters, at + 1);
      if (end === null) return null;
      high = end.code;
      at = end.next;
    }
    ranges.push([low.code, high]);
  }
  if (ranges.length === 0) return null;
  return { token: { kind: 'class', negated, ranges }, next: at + 1 };
}

function readClassMember(
  characters: readonly string[],
  at: number,
): { readonly code: number; readonly next: number } | null {
  const escaped = characters[at] === '\\';
  const character = characters[escaped ? at + 1 : at];
  if (character === undefined) return null;
  return { code: character.codePointAt(0) ?? 0, next: escaped ? at + 2 : at + 1 };
}
