import { printable, printableInPlace } from '../../base/printable.ts';
import {
  inlineText,
  type Json,
  type NamedSheet,
  type PipelineChanges,
  type ValueChange,
} from '../../pipeline/index.ts';
import type { PipelineDifference } from '../compare-event.ts';
import type { Comparison, Difference } from '../compare-revisions.ts';
import { foldedLines } from './difference.ts';
import { countText, eventsText, jobText, outcomeText, sidesText } from './difference-words.ts';

/**
 * A comparison as a comment on a merge request: what changed in `diff` blocks, which are coloured there. Names and values
 * stand in code, so that nothing of a file is read as Markdown.
 */
export function comparisonAsMarkdown(comparison: Comparison): string {
  const { file, head, differences } = comparison;
  const errors = head.errors.map(
    ({ place, message }) =>
      `- ${code(place === null ? file : `${place.file}:${place.line}`)} ${code(message)}`,
  );
  return [
    `### Pipeline changes: ${code(sidesText(comparison))}`,
    ...(errors.length === 0 ? [] : ['The pipeline file is invalid:', errors.join('\n')]),
    ...differences.flatMap((difference) =>
      difference.same
        ? [`The same for ${escaped(eventsText(difference))}.`]
        : differenceParts(difference, comparison),
    ),
  ]
    .map((part) => `${part}\n`)
    .join('\n');
}

function differenceParts(difference: Difference, comparison: Comparison): readonly string[] {
  return [`#### For ${escaped(eventsText(difference))}`, ...pipelineParts(difference, comparison)];
}

function pipelineParts(difference: PipelineDifference, comparison: Comparison): readonly string[] {
  const outcome = outcomeText(difference, comparison);
  const counts = countText(difference);
  return [
    ...(outcome === null ? [] : [escaped(outcome)]),
    ...(counts === '' ? [] : [`Jobs: ${counts}.`]),
    ...changesParts(difference.changes),
    ...difference.children.flatMap((child) => [
      `##### In the child pipeline of ${code(child.job)}`,
      ...(child.error === null ? [] : [code(child.error)]),
      ...pipelineParts(child, comparison),
    ]),
  ];
}

function changesParts(changes: PipelineChanges): readonly string[] {
  const { stages, settings, variables, added, removed, renamed, changed } = changes;
  const pipeline = [
    ...(stages === null ? [] : ['  stages:', ...signedLines(stages, '    ')]),
    ...valueLines(settings, ''),
    ...valueLines(variables, 'variables:'),
  ];
  const jobs = [...jobLines(removed, '-'), ...jobLines(added, '+')];
  return [
    ...(pipeline.length === 0 ? [] : [fenced(pipeline)]),
    ...(jobs.length === 0 ? [] : [fenced(jobs)]),
    ...renamed.flatMap(({ from, to, changes: values }) => [
      `${code(from)} is now ${code(to)}, it seems`,
      ...(values.length === 0 ? [] : [fenced(valueLines(values, ''))]),
    ]),
    ...changed.flatMap(({ names, changes: values }) => [namesText(names), fenced(valueLines(values, ''))]),
  ];
}

const MOST_NAMES = 20;

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map(code).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}

function jobLines(jobs: readonly NamedSheet[], sign: string): readonly string[] {
  return jobs.map(({ name, keys }) => `${sign} ${printable(name)}  (${jobText(keys)})`);
}

function valueLines(changes: readonly ValueChange[], above: string): readonly string[] {
  return changes.flatMap(({ key, before, after, lines }) => {
    const name = printable(`${above}${key}`);
    if (lines !== null) return [`  ${name}:`, ...signedLines(lines, '    ')];
    return [...sideLine('-', name, before), ...sideLine('+', name, after)];
  });
}

function sideLine(sign: string, name: string, value: Json): readonly string[] {
  return value === null ? [] : [`${sign} ${name}: ${printable(inlineText(value))}`];
}

const SIGNS = { same: ' ', removed: '-', added: '+' } as const;

function signedLines(lines: Parameters<typeof foldedLines>[0], indent: string): readonly string[] {
  return foldedLines(lines).map((line) =>
    line === null ? ` ${indent} …` : `${SIGNS[line.kind]} ${indent}${printableInPlace(line.text)}`,
  );
}

/** Fenced by more backticks than any line has in a row. */
function fenced(lines: readonly string[]): string {
  const text = lines.map((line) => line.trimEnd()).join('\n');
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}diff\n${text}\n${fence}`;
}

function code(text: string): string {
  const shown = printable(text);
  const marks = '`'.repeat(longestRun(shown) + 1);
  return marks.length === 1 ? `\`${shown}\`` : `${marks} ${shown} ${marks}`;
}

function longestRun(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}

/** A sentence with names in it that may be anything. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>()#!|~@&]/g, String.raw`\$&`);
}
