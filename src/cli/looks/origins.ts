import { printable } from '../../base/printable.ts';
import type { ExpandedLine } from '../../config/index.ts';
import type { Colours } from '../colours.ts';
import { padTo, textWidth } from './text-width.ts';

/**
 * The lines of a configuration, each with where it was written as a comment: `image: node:22  # ci/base.yml:3 through
 * extends .base`. The comments of a job stand below each other, except behind lines that are too long for it.
 */
export function linesWithOrigins(lines: readonly ExpandedLine[], colours: Colours): string {
  const printed: string[] = [];
  for (const group of groupsOf(lines)) {
    const width = widthOf(group);
    for (const { text, block, place, steps } of group) {
      const through = steps.length === 0 ? '' : ` through ${steps.join(', ')}`;
      const origin = printable(`# ${place.file}:${place.line}${through}`);
      printed.push(`${padTo(text, width)}  ${colours.dim(origin)}`, ...block);
    }
  }
  return `${printed.join('\n')}\n`;
}

const WIDEST = 60;

/** A key at the root, and all below it. */
function groupsOf(lines: readonly ExpandedLine[]): readonly (readonly ExpandedLine[])[] {
  const groups: ExpandedLine[][] = [];
  for (const line of lines) {
    const group = groups.at(-1);
    if (group === undefined || !line.text.startsWith(' ')) groups.push([line]);
    else group.push(line);
  }
  return groups;
}

function widthOf(group: readonly ExpandedLine[]): number {
  let width = 0;
  for (const { text } of group) {
    const own = textWidth(text);
    if (own <= WIDEST) width = Math.max(width, own);
  }
  return width;
}
