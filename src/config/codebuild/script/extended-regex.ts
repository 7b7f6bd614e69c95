/** A regular expression as `grep -E` of any system takes it. */
export interface ExtendedRegex {
  readonly text: string;
  readonly ignoresCase: boolean;
}

/**
 * The POSIX extended regular expression that finds the same lines as one in the syntax of RE2, which has to be a valid one.
 * null: it has something that there is no equal for, such as `\b`.
 */
export function extendedRegex(pattern: string): ExtendedRegex | null {
  const [flags = ''] = /^\(\?[is]+\)/.exec(pattern) ?? [];
  const rest = pattern.slice(flags.length);
  let text = '';
  let at = 0;
  while (at < rest.length) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(rest)?.groups;
    if (groups === undefined) return null;
    const { whole = '', group, shorthand, repeat, members } = groups;
    at += whole.length;
    if (group !== undefined) text += '(';
    else if (shorthand !== undefined) text += `[${outsideOf(shorthand)}]`;
    else if (repeat !== undefined) text += repeat;
    else if (members !== undefined) {
      const inside = bracketOf(members);
      if (inside === null) return null;
      text += inside;
    } else text += whole;
  }
  return { text, ignoresCase: flags.includes('i') };
}

/**
 * A group that has nothing behind its bracket, `\d`, a repetition that takes as little as it can, a class of characters, an
 * escaped sign, or one that means itself or the same in both.
 */
const TOKEN =
  /(?<whole>(?<group>\(\?(?::|P?<\w+>))|\\(?<shorthand>[dDwWsS])|(?<repeat>[*+?]|\{\d+(?:,\d*)?\})\??|\[(?<members>\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*)\]|\\[^\w\s]|\((?!\?)|[^\\[(*+?\r\n\0])/uy;

const SHORTHANDS: Readonly<Record<string, string>> = { d: '0-9', w: '[:alnum:]_', s: '[:space:]' };

function outsideOf(letter: string): string {
  return `${letter === letter.toUpperCase() ? '^' : ''}${SHORTHANDS[letter.toLowerCase()] ?? ''}`;
}

/** In a class a backslash means itself, and only a place says that a sign does. */
function bracketOf(members: string): string | null {
  const inside = members.replace(/\\(.)/gu, (escaped, sign: string) => {
    if (Object.hasOwn(SHORTHANDS, sign)) return SHORTHANDS[sign] ?? '';
    return /[.+*?$|(){}/,;:=!@#%&~<>"' ]/.test(sign) ? sign : escaped;
  });
  return inside.includes('\\') ? null : `[${inside}]`;
}
