import { printable, printableInPlace } from '../../base/printable.ts';
import {
  type ComparedLine,
  inlineText,
  type Json,
  type NamedSheet,
  type PipelineChanges,
  type ValueChange,
} from '../../pipeline/index.ts';
import type { Colours } from '../colours.ts';
import type { PipelineDifference } from '../compare-event.ts';
import type { Comparison, Difference } from '../compare-revisions.ts';
import { countText, eventsText, jobText, outcomeText, sidesText } from './difference-words.ts';
import { padTo, textWidth } from './text-width.ts';

/** A comparison for people: event by event what is added, removed and changed. */
export function comparisonAsText(comparison: Comparison, colours: Colours): string {
  const parts = comparison.differences.map((difference) =>
    difference.same
      ? `The same for ${eventsText(difference)}.`
      : differenceText(difference, comparison, colours),
  );
  const { base } = comparison;
  const wrong = base.errors.map(
    ({ message }) => `In ${printable(base.revision ?? '')}: ${printable(message)}`,
  );
  return `${[colours.dim(sidesText(comparison)), ...parts, ...(wrong.length === 0 ? [] : [wrong.join('\n')])].join('\n\n')}\n`;
}

function differenceText(difference: Difference, comparison: Comparison, colours: Colours): string {
  const title = colours.bold(`For ${eventsText(difference)}`);
  return [title, ...pipelineLines(difference, comparison, colours)].join('\n');
}

function pipelineLines(
  difference: PipelineDifference,
  comparison: Comparison,
  colours: Colours,
): readonly string[] {
  const outcome = outcomeText(difference, comparison);
  const counts = countText(difference);
  return [
    ...(outcome === null ? [] : [outcome]),
    ...changesLines(difference.changes, colours),
    ...difference.children.flatMap((child) => [
      colours.yellow(`~ the child pipeline of ${printable(child.job)}`),
      ...(child.error === null ? [] : [`    ${colours.red(printable(child.error))}`]),
      ...pipelineLines(child, comparison, colours).map((line) => `    ${line}`),
    ]),
    ...(counts === '' ? [] : [colours.dim(`Jobs: ${counts}.`)]),
  ];
}

function changesLines(changes: PipelineChanges, colours: Colours): readonly string[] {
  const { stages, settings, variables, added, removed, renamed, changed } = changes;
  return [
    ...(stages === null ? [] : ['  stages', ...comparedLines(stages, colours, '    ')]),
    ...(settings.length === 0 ? [] : ['  workflow', ...valueLines(settings, colours, '    ')]),
    ...(variables.length === 0 ? [] : ['  variables', ...valueLines(variables, colours, '    ')]),
    ...jobLines(removed, '-', colours.red, colours),
    ...jobLines(added, '+', colours.green, colours),
    ...renamed.flatMap(({ from, to, changes }) => [
      `${colours.yellow(`~ ${printable(from)} → ${printable(to)}`)}  ${colours.dim('renamed, it seems')}`,
      ...valueLines(changes, colours, '    '),
    ]),
    ...changed.flatMap(({ names, changes }) => [
      colours.yellow(`~ ${namesText(names)}`),
      ...valueLines(changes, colours, '    '),
    ]),
  ].map((line) => line.trimEnd());
}

function jobLines(
  jobs: readonly NamedSheet[],
  sign: string,
  paint: (text: string) => string,
  colours: Colours,
): readonly string[] {
  const rows = jobs.map(({ name, keys }) => ({ name: printable(name), text: jobText(keys) }));
  const width = Math.min(WIDEST_NAME, Math.max(0, ...rows.map(({ name }) => textWidth(name))));
  return rows.map(({ name, text }) => `${paint(`${sign} ${padTo(name, width)}`)}  ${colours.dim(text)}`);
}

const WIDEST_NAME = 40;
const MOST_NAMES = 8;

/** The jobs that change alike; of very many only the first. */
function namesText(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map(printable).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}

function valueLines(changes: readonly ValueChange[], colours: Colours, indent: string): readonly string[] {
  return changes.flatMap((change) => {
    const key = printable(change.key);
    if (change.lines !== null) {
      return [`${indent}${key}:`, ...comparedLines(change.lines, colours, `${indent}  `)];
    }
    return [
      `${indent}${key}: ${sideText(change.before, colours.red)} → ${sideText(change.after, colours.green)}`,
    ];
  });
}

function sideText(value: Json, paint: (text: string) => string): string {
  return value === null ? 'not set' : paint(printable(inlineText(value)));
}

/** Changed lines with one that is the same at each side of them, so that one sees where they stand. */
function comparedLines(lines: readonly ComparedLine[], colours: Colours, indent: string): readonly string[] {
  return foldedLines(lines).map((line) => {
    if (line === null) return `${indent}  ${colours.dim('…')}`;
    const text = printableInPlace(line.text);
    if (line.kind === 'removed') return `${indent}${colours.red(`- ${text}`)}`;
    return line.kind === 'added'
      ? `${indent}${colours.green(`+ ${text}`)}`
      : `${indent}  ${colours.dim(text)}`;
  });
}

/** null stands for lines that are left out because they, and those around them, are the same. */
export function foldedLines(lines: readonly ComparedLine[]): readonly (ComparedLine | null)[] {
  const folded: (ComparedLine | null)[] = [];
  for (const [at, line] of lines.entries()) {
    const isNear = [line, lines[at - 1], lines[at + 1]].some(
      (near) => near !== undefined && near.kind !== 'same',
    );
    if (isNear) folded.push(line);
    else if (folded.length === 0 || folded.at(-1) !== null) folded.push(null);
  }
  return folded;
}
