import type { PipelineContext } from '../../context.ts';
import { contextFromJson } from '../../context-json.ts';
import { parseDocuments } from '../../document/index.ts';
import { readRoot } from '../entries/root.ts';
import type { ParsedJob } from '../parsed.ts';

/** The only job of a file. */
export function parseJob(yaml: string): ParsedJob {
  const [document] = parseDocuments({ name: '.gitlab-ci.yml', text: yaml }).documents;
  if (document?.kind !== 'mapping') throw new Error('the text is no mapping');
  const [job] = readRoot(document, []).jobs;
  if (job === undefined) throw new Error('the text has no job');
  return job;
}

/** A context as `contextFromJson` reads it, every key optional. */
export function contextOf(json: Readonly<Record<string, unknown>> = {}): PipelineContext {
  const { context, problems } = contextFromJson(json);
  const [problem] = problems;
  if (problem !== undefined) throw new Error(problem.message);
  return context;
}
