/**
 * Most patterns of pipeline files are like `^v\d+\.\d+$` or `-rc`: so simple that the language's own engine means the
 * same by them as RE2 does and needs no more time than their text is long. For those this makes a RegExp; for all
 * others (groups, alternatives, flags, whatever might be an error) null, and RE2 decides.
 *
 * To be linear, `+` and `*` are taken only where the next character decides whether they go on: in a pattern that
 * begins with `^`, before a character that they do not match, or at the end.
 */
export function plainRegex(pattern: string): RegExp | null {
  const isAnchored = pattern.startsWith('^');
  const isClosed = /(?<!\\)\$$/.test(pattern);
  const atoms = readAtoms(pattern.slice(isAnchored ? 1 : 0, isClosed ? -1 : undefined));
  if (atoms === null) return null;
  if (!atoms.every((atom, index) => isDecided(atom, atoms[index + 1], isAnchored))) return null;
  const source = atoms.map((atom) => atom.source + atom.quantifier).join('');
  return new RegExp(`${isAnchored ? '^' : ''}${source}${isClosed ? '$' : ''}`, 'u');
}

interface Atom {
  readonly source: string;
  /** The characters it matches; null: all but the end of a line. */
  readonly characters: ReadonlySet<string> | null;
  readonly quantifier: string;
}

function isDecided({ characters, quantifier }: Atom, next: Atom | undefined, isAnchored: boolean): boolean {
  if (quantifier === '') return true;
  if (!isAnchored) return false;
  if (next === undefined) return true;
  if (characters === null || next.characters === null) return false;
  return (next.quantifier === '' || next.quantifier === '+') && !overlap(characters, next.characters);
}

function overlap(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return [...one].some((character) => other.has(character));
}

const ATOM =
  /(?:(?<any>\.)|(?<digit>\\d)|\\(?<escaped>[-./+*?$^()[\]{}|\\])|\[(?<members>(?:\w-\w|[\w./])+-?)\]|(?<plain>[\w /:@#,=~!%&"'<>;-]))(?<quantifier>[+*?]?)(?![+*?{])/y;

function readAtoms(pattern: string): readonly Atom[] | null {
  const atoms: Atom[] = [];
  const reader = new RegExp(ATOM);
  while (reader.lastIndex < pattern.length) {
    const { any, digit, escaped, members, plain, quantifier = '' } = reader.exec(pattern)?.groups ?? {};
    if (any !== undefined) {
      atoms.push({ source: '[^\\n]', characters: null, quantifier });
      continue;
    }
    const characters = charactersOf(digit === undefined ? (members ?? '') : '0-9', escaped ?? plain);
    if (characters === null) return null;
    atoms.push({ source: `[${[...characters].map(inClass).join('')}]`, characters, quantifier });
  }
  return atoms;
}

/** The characters of a class, or the single one; null when there are none, or a range goes backwards. */
function charactersOf(members: string, single = ''): ReadonlySet<string> | null {
  const characters = new Set(single);
  for (const [member, from, to] of members.matchAll(/(\w)-(\w)|./g)) {
    if (from === undefined || to === undefined) {
      characters.add(member);
      continue;
    }
    if (from > to) return null;
    for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code++)
      characters.add(String.fromCharCode(code));
  }
  return characters.size === 0 ? null : characters;
}

function inClass(character: string): string {
  return /\w/.test(character) ? character : `\\u{${character.charCodeAt(0).toString(16)}}`;
}
