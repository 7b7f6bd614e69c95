import { printable } from '../../base/printable.ts';
import { type Io, print } from '../io.ts';
import { cutTo, padTo, textWidth } from '../looks/text-width.ts';

/** Prints rows with their columns below one another, or a line that says there are none. Texts may be of strangers. */
export async function showTable(
  io: Io,
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  none: string,
): Promise<void> {
  if (rows.length === 0) {
    await print(io.stderr, `${none}\n`);
    return;
  }
  const table = [titles, ...rows.map((row) => row.map((cell) => cutTo(printable(cell), WIDEST)))];
  const widths = titles.map((_, at) =>
    table.reduce((most, row) => Math.max(most, textWidth(row[at] ?? '')), 0),
  );
  const lines = table.map((row) =>
    row
      .map((cell, at) => padTo(cell, widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  await print(io.stdout, `${lines.join('\n')}\n`);
}

const WIDEST = 60;

/** What a program reads. */
export function showJson(io: Io, value: unknown): Promise<void> {
  return print(io.stdout, `${JSON.stringify(value, null, 2)}\n`);
}
