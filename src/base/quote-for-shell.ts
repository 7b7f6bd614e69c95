/**
 * Any text as one word that means itself in every POSIX shell. NUL bytes cannot be part of a word, or of an
 * environment; they are left out.
 */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll('\0', '').replaceAll("'", "'\\''")}'`;
}
