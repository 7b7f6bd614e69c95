import { printable } from '../../base/printable.ts';
import type { Json } from '../../pipeline/index.ts';
import { printYaml, type Span } from '../document/index.ts';
import { nodeOf } from '../gitlab/inputs/plain-values.ts';
import type { Remark } from './conversion.ts';

export interface PipelineText {
  readonly origin: string;
  readonly settings: Readonly<Record<string, Json>>;
  /** By their names in the new file. */
  readonly jobs: ReadonlyMap<string, Json>;
  readonly remarks: readonly Remark[];
  /** From the names in the old file to those in the new one. */
  readonly names: ReadonlyMap<string, string>;
}

/** The file as text: each part apart from the next, each remark as a comment where it belongs. */
export function printPipeline({ origin, settings, jobs, remarks, names }: PipelineText): string {
  const about = Map.groupBy(remarks, ({ job }) => (job === null ? null : (names.get(job) ?? job)));
  const head = [
    ...comment(`Made from ${origin} by \`slipway convert\`.`, ''),
    ...(about.get(null) ?? []).flatMap(({ text }) => comment(text, '')),
  ];
  const parts = [
    ...Object.entries(settings).map(([key, value]) => part(key, value, [])),
    ...Array.from(jobs, ([name, keys]) => part(name, keys, about.get(name) ?? [])),
  ];
  return [head.join('\n'), ...parts]
    .map((text, index) => (index < parts.length ? apart(text) : `${text}\n`))
    .join('');
}

/** With an empty line behind it, which would be a part of a block that keeps its last line breaks. */
function apart(text: string): string {
  return text.endsWith('\n') ? `${text}\n` : `${text}\n\n`;
}

function part(key: string, value: Json, remarks: readonly Remark[]): string {
  const printed = printYaml(nodeOf({ [key]: value }, NOWHERE));
  const [first = '', ...lines] = printed.slice(0, -1).split('\n');
  return [first, ...remarks.flatMap(({ text }) => comment(text, '  ')), ...lines].join('\n');
}

const NOWHERE: Span = { file: { name: '', text: '' }, start: 0, end: 0 };

const WIDTH = 110;

/** Texts of the old file are in it: none may end the comment or act on a terminal. */
function comment(text: string, indent: string): readonly string[] {
  const words = printable(text.replaceAll(/\s+/g, ' ')).split(' ');
  const lines: string[] = [];
  let line = `${indent}#`;
  for (const word of words) {
    if (line.length + word.length + 1 > WIDTH && line.length > indent.length + 1) {
      lines.push(line);
      line = `${indent}#`;
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
