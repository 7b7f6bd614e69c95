import type { Problem } from '../../base/problem.ts';
import { problemAt } from '../document/index.ts';
import type { ParsedConfig } from './parsed.ts';

/** Bridges to other projects, whose files are not here: a run says so when it comes to them, this says it before. */
export function checkOutsideTriggers(config: ParsedConfig): readonly Problem[] {
  return config.jobs.flatMap(({ name, nameSpan, source, trigger }) => {
    if (trigger?.target.kind !== 'project') return [];
    const span = source.entries.get('trigger')?.value.span ?? nameSpan;
    const message = `jobs:${name}:trigger starts the pipeline of project ${trigger.target.project}: a local run cannot, and the job fails there`;
    return [problemAt(span, { code: 'trigger-outside-project', severity: 'warning', message })];
  });
}
