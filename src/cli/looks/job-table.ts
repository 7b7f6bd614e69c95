import { printable } from '../../base/printable.ts';
import type { Mask } from '../../config/index.ts';
import type { Job, Plan } from '../../pipeline/index.ts';
import type { Colours } from '../colours.ts';
import { durationText } from './duration-text.ts';
import { padTo, textWidth } from './text-width.ts';

/** A plan as a table, stage by stage: what each job is, when it runs and what it waits for; `mask` hides secrets. */
export function jobTable(plan: Plan, colours: Colours, mask: Mask): string {
  const rows = plan.jobs.map((job) => ({ job, name: printable(mask(job.name)), when: whenText(job) }));
  const nameWidth = widest(rows.map((row) => row.name));
  const whenWidth = widest(rows.map((row) => row.when));
  const byStage = Map.groupBy(rows, (row) => row.job.stage);
  const lines: string[] = [];
  for (const stage of plan.stages) {
    lines.push(colours.bold(printable(stage)));
    for (const { job, name, when } of byStage.get(stage) ?? []) {
      const paint =
        job.when === 'manual' ? colours.blue : job.when === 'on_success' ? colours.dim : colours.yellow;
      const rest = restText(job, mask);
      const end = rest === '' ? '' : `  ${colours.dim(rest)}`;
      lines.push(`  ${padTo(name, nameWidth)}  ${paint(padTo(when, whenWidth))}${end}`.trimEnd());
    }
  }
  return `${lines.join('\n')}\n`;
}

function widest(texts: readonly string[]): number {
  let width = 0;
  for (const text of texts) width = Math.max(width, textWidth(text));
  return Math.min(width, 50);
}

function whenText(job: Job): string {
  if (job.when === 'delayed') return `delayed ${durationText(job.startInSeconds ?? 0)}`;
  return job.when;
}

function restText(job: Job, mask: Mask): string {
  const parts: string[] = [];
  if (job.needs !== null) parts.push(needsText(job.needs.map((need) => need.job)));
  if (job.allowFailure) parts.push('allowed to fail');
  else if (job.allowFailureExitCodes.length > 0) {
    parts.push(`allowed to exit with ${job.allowFailureExitCodes.join(', ')}`);
  }
  if (job.environment !== null) parts.push(`environment ${job.environment.name}`);
  if (job.resourceGroup !== null) parts.push(`resource group ${job.resourceGroup}`);
  if (job.kind === 'bridge') parts.push(bridgeText(job.trigger.target));
  else if (job.image !== null) parts.push(`image ${job.image.name}`);
  return parts.map((part) => printable(mask(part))).join(' · ');
}

function needsText(needs: readonly string[]): string {
  if (needs.length === 0) return 'needs nothing';
  const shown = needs.slice(0, 4).join(', ');
  return needs.length > 4 ? `needs ${shown} and ${needs.length - 4} more` : `needs ${shown}`;
}

function bridgeText(target: Extract<Job, { kind: 'bridge' }>['trigger']['target']): string {
  if (target.kind === 'child') return 'starts a child pipeline';
  return target.kind === 'project'
    ? `starts a pipeline of ${target.project}`
    : `shows the status of ${target.project}`;
}
