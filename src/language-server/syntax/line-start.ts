/** Where the line that an offset is in begins. */
export function lineStart(text: string, offset: number): number {
  // Looked for from a place before the text, `lastIndexOf` would find a break at its very start.
  return offset <= 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}
