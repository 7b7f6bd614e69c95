import type { Problem } from '../../base/problem.ts';
import { problemAt } from '../document/index.ts';
import type { ParsedConfig } from './parsed.ts';

/** Bridges to other projects, whose files are not here: a run says so when it comes to them, this says it before. */
export function checkOutsideTriggers(config: ParsedConfig): readonly Problem[] {
  return config.jobs.flatMap(({ name, nameSpan, source, trigger }) => {
    if (trigger?.target.kind !== 'project') return [];
    const span = source.entries.get('trigger')?.value.span ?? nameSpan;
    const message = `jobs:${name}:trigger starts the pipeline of project ${trigger.target.project}: a local run needs its folder for that, and without it the job fails`;
    const hint = `Name it when you run the pipeline: --project ${trigger.target.project}=FOLDER`;
    return [problemAt(span, { code: 'trigger-outside-project', severity: 'warning', message, hint })];
  });
}
