/** A part of bench/README.md: a title, what is measured, and a table. */
export interface Section {
  readonly title: string;
  readonly note: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** As Markdown, with columns lined up so that it reads well as text too. */
export function sectionText({ title, note, head, rows }: Section): string {
  const widths = head.map((text, at) =>
    Math.max(text.length, ...rows.map((row) => (row[at] ?? '').length), 3),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, at) => (cells[at] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [`## ${title}`, '', note, '', line(head), rule, ...rows.map(line), ''].join('\n');
}

export function milliseconds(value: number): string {
  if (value < 100) return `${value.toFixed(1)} ms`;
  return value < 10_000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

export function megabytes(value: number | null): string {
  return value === null ? '?' : `${Math.round(value)} MB`;
}

export function ratio(value: number): string {
  return `${value >= 10 ? Math.round(value) : value.toFixed(2)} ×`;
}
