import { quoteForShell } from '../../base/quote-for-shell.ts';
import { partsOf, writtenParts } from './reference.ts';

/**
 * A program and its arguments as a line of a script that runs just that in every POSIX shell. Quotes stand only where
 * they are needed; references become variables.
 */
export function commandLine(program: string, words: readonly string[]): string {
  return [programWord(program), ...words.map(shellWord)].join(' ');
}

/** Any text as one word. */
export function shellWord(text: string): string {
  const parts = partsOf(text);
  if (!parts.some((part) => typeof part !== 'string')) return literal(text);
  const means = parts.every((part) => typeof part !== 'string' || !/["$`\\!\0]/.test(part));
  if (means) return `"${writtenParts(parts)}"`;
  return parts.map((part) => (typeof part === 'string' ? literal(part) : `"$${part.name}"`)).join('');
}

/** In the place of a command, `a=b` would set a variable and `if` begin a condition. */
function programWord(text: string): string {
  const word = shellWord(text);
  return word === text && (text.includes('=') || RESERVED.has(text)) ? quoteForShell(text) : word;
}

function literal(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return text.includes("'") && !/["$`\\!\0]/.test(text) ? `"${text}"` : quoteForShell(text);
}

const RESERVED: ReadonlySet<string> = new Set(
  'case coproc do done elif else esac fi for function if in select then time until while'.split(' '),
);
