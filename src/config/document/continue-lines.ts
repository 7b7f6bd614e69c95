import type { Indented } from './relax-indentation.ts';

/**
 * Indents each line that follows a backslash, as a shell would have it, but is not indented further than the `-` of
 * the item it belongs to:
 *
 *     - wget https://example.com/\
 *     file.tar.gz
 *
 * To YAML the item is over there, and the file wrong. Null when there is no such line. Whether the lines do continue
 * a text, and not the inside of something else, is left to the parser.
 */
export function indentAfterBackslash(text: string): Indented | null {
  const at: number[] = [];
  const total: number[] = [];
  const parts: string[] = [];
  let grown = 0;
  let dash = -1;
  let continued = false;
  let offset = 0;
  for (const line of text.split('\n')) {
    const indentation = line.search(/[^ ]/);
    if (continued && indentation >= 0 && indentation <= dash && line[indentation] !== '#') {
      const spaces = dash + 1 - indentation;
      grown += spaces;
      at.push(offset);
      total.push(grown);
      parts.push(' '.repeat(spaces) + line);
    } else {
      if (indentation >= 0 && /^-[ \t]/.test(line.slice(indentation, indentation + 2))) dash = indentation;
      parts.push(line);
    }
    continued = /\\[ \t\r]*$/.test(line.slice(-MAX_TAIL)) && grown < MAX_GROWTH;
    offset += line.length + 1;
  }
  return at.length === 0 ? null : { text: parts.join('\n'), at, total };
}

const MAX_TAIL = 80;
const MAX_GROWTH = 4 * 1024 * 1024;
