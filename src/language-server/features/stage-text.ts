import { textOf } from '../names/collector.ts';
import type { Files } from '../names/find-names.ts';
import { namesIn } from '../names/find-names.ts';
import { entriesByName, inheritedValue, lineage } from '../names/root-entries.ts';
import { stageNames } from './symbols.ts';

/** A stage, its place among the others, and its jobs, as Markdown. */
export function stageText(files: Files, stage: string): string {
  const stages = stageNames(files);
  const at = stages.indexOf(stage);
  const byName = entriesByName(files);
  const jobs = new Set<string>();
  for (const { occurrence } of namesIn(files, 'job', 'definition')) {
    const { name } = occurrence;
    if (name.startsWith('.')) continue;
    if ((textOf(inheritedValue(lineage(byName, name), 'stage')) ?? 'test') === stage) jobs.add(`\`${name}\``);
  }
  const where = at === -1 ? 'not one of the stages' : `stage ${at + 1} of ${stages.length}`;
  const shown = [...jobs].slice(0, MAX_JOBS);
  const more = jobs.size > shown.length ? `, and ${jobs.size - shown.length} more` : '';
  return `**${stage}** · ${where}\n\n${jobs.size === 0 ? 'No job is in it.' : `Jobs: ${shown.join(', ')}${more}`}`;
}

const MAX_JOBS = 20;
