import { printable } from '../../base/printable.ts';
import { inlineText, type Json, type Sheet } from '../../pipeline/index.ts';
import { kindOf, type PipelineDifference } from '../compare-event.ts';
import type { ComparedSide, Comparison, Difference } from '../compare-revisions.ts';

/** `a push of main, a merge request into main and a tag v1.0` */
export function eventsText({ events }: Difference): string {
  return listText(events.map(eventText));
}

function eventText({ source, ref, target }: Difference['events'][number]): string {
  const name = printable(ref.name);
  if (target !== null) return `a merge request of ${name} into ${printable(target)}`;
  return ref.kind === 'tag' ? `a tag ${name}` : `a ${source} of ${name}`;
}

function listText(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** What became of the pipeline as a whole; null when there is one before and after. */
export function outcomeText(
  { before, after }: PipelineDifference,
  { base, head }: Comparison,
): string | null {
  switch (`${kindOf(before)} ${kindOf(after)}`) {
    case 'none pipeline':
    case 'error pipeline':
      return `A pipeline comes to exist: so far ${whyNot(before, base)}.`;
    case 'pipeline none':
      return `The pipeline ceases to exist: ${whyNot(after, head)}.`;
    case 'pipeline error':
    case 'none error':
      return `There cannot be a pipeline: ${whyNot(after, head)}.`;
    case 'error none':
      return `There is no pipeline: ${whyNot(after, head)}; so far ${whyNot(before, base)}.`;
    default:
      return null;
  }
}

function whyNot(outcome: PipelineDifference['before'], side: ComparedSide): string {
  switch (outcome) {
    case 'no_file':
      return 'there is no pipeline file';
    case 'filtered_by_workflow':
      return 'workflow:rules leave it out';
    case 'empty':
      return 'no job is in it';
    case 'skipped':
      return 'the commit message asks to skip it';
    case 'invalid':
      return `the file of ${side.revision === null ? 'the work tree' : printable(side.revision)} is invalid`;
    case 'created':
      return 'there is one';
  }
}

/** What a job is, in short: `stage test, image node:22, when manual, needs build`. */
export function jobText(keys: Sheet): string {
  const parts = BRIEF.flatMap((key) => {
    const value = keys[key];
    return value === undefined || value === null || USUAL.has(`${key} ${String(value)}`)
      ? []
      : `${key} ${briefText(value)}`;
  });
  return printable(parts.join(', '));
}

const BRIEF = ['stage', 'image', 'when', 'needs', 'environment', 'trigger', 'rules'] as const;
const USUAL: ReadonlySet<string> = new Set(['when on_success']);

function briefText(value: Json): string {
  const list: readonly Json[] = Array.isArray(value) ? value : [];
  if (list.length > MOST_ITEMS) return `${list.slice(0, MOST_ITEMS).map(inlineText).join(', ')}, …`;
  return list.length > 0 ? list.map(inlineText).join(', ') : inlineText(nameIn(value) ?? value);
}

/** Of an image or an environment, the name says it. */
function nameIn(value: Json): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value).find(([key]) => key === 'name')?.[1];
}

const MOST_ITEMS = 3;

/** `2 jobs added, 1 removed, 1 renamed, 3 changed` */
export function countText({ changes }: PipelineDifference): string {
  const changed = new Set(changes.changed.flatMap(({ names }) => names)).size;
  const counts: readonly (readonly [number, string])[] = [
    [changes.added.length, 'added'],
    [changes.removed.length, 'removed'],
    [changes.renamed.length, 'renamed'],
    [changed, 'changed'],
  ];
  return counts.flatMap(([count, what]) => (count === 0 ? [] : `${count} ${what}`)).join(', ');
}

/** Both sides by their names: `main → the work tree`. */
export function sidesText({ base, head }: Comparison): string {
  return `${sideText(base)} → ${sideText(head)}`;
}

function sideText({ revision }: ComparedSide): string {
  return revision === null ? 'the work tree' : printable(revision);
}
