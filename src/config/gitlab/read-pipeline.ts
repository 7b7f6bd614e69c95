import type { PipelineReading } from '../reading.ts';
import { asksToSkip, createPipeline, reading } from './pipeline.ts';
import { type ConfigRequest, readConfig } from './read-config.ts';

/**
 * Reads a pipeline file and decides about it for one context: the way from a `.gitlab-ci.yml` to a plan. Nothing is
 * run and nothing written; all that is wrong is in the reading's problems.
 */
export async function readPipeline(request: ConfigRequest): Promise<PipelineReading> {
  const { context, sources } = request;
  if (asksToSkip(context)) return reading('skipped', null, [], null);
  const files = await readConfig(request);
  const { config, problems } = files;
  if (config === null) return { ...reading('invalid', null, problems, null), files };
  const created = await createPipeline({ config, context, sources });
  return { ...created, files, problems: [...problems, ...created.problems] };
}
