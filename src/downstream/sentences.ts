import type { Problem } from '../base/problem.ts';
import type { PipelineReading } from '../config/index.ts';
import { MADE_UP } from './child-files.ts';

/**
 * A problem of a downstream pipeline's file in one sentence. `owner`: the other project; null for a child. With its
 * place, unless that is a file nobody can open: one that is absent, or the one made up for the trigger.
 */
export function sentenceOf({ code, message, place }: Problem, owner: string | null): string {
  const whose = owner === null ? '' : `${owner}: `;
  if (place === null || code === 'file-unreadable' || place.file === MADE_UP) return `${whose}${message}`;
  return `${whose}${place.file}:${place.line}: ${message}`;
}

/** GitLab's sentences for a pipeline without jobs. */
export function emptyText(outcome: PipelineReading['outcome']): string {
  return outcome === 'filtered_by_workflow'
    ? 'The pipeline did not run. Review the workflow:rules configuration for the pipeline.'
    : 'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.';
}
