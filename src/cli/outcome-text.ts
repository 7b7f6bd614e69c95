import type { OpenedPipeline } from './open-pipeline.ts';

/** Why there is no pipeline although the file is right, and how to find out more. */
export function outcomeText(opened: OpenedPipeline): string {
  const hint = outcomeHint(opened);
  return hint === null ? outcomeSentence(opened) : `${outcomeSentence(opened)} ${hint}`;
}

export function outcomeHint({ read }: OpenedPipeline): string | null {
  return read.outcome === 'empty' || read.outcome === 'filtered_by_workflow'
    ? 'slipway explain JOB says why.'
    : null;
}

export function outcomeSentence({ read, context }: OpenedPipeline): string {
  const event = `${context.source} of ${context.ref.kind} ${context.ref.name}`;
  switch (read.outcome) {
    case 'filtered_by_workflow':
      return `No pipeline: workflow:rules leave out a ${event}.`;
    case 'empty':
      return `No pipeline: no job's rules let it into the pipeline of a ${event}.`;
    case 'skipped':
      return 'No pipeline: the commit message asks to skip it.';
    default:
      return `A pipeline for a ${event}.`;
  }
}
