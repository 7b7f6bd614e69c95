import { asksToSkip, createPipeline, type PipelineReading, reading } from './pipeline.ts';
import { type ConfigRequest, readConfig } from './read-config.ts';

/**
 * Reads a pipeline file and decides about it for one context: the way from a `.gitlab-ci.yml` to a plan. Nothing is
 * run and nothing written; all that is wrong is in the reading's problems.
 */
export async function readPipeline(request: ConfigRequest): Promise<PipelineReading> {
  const { context, sources } = request;
  if (asksToSkip(context)) return reading('skipped', null, [], null);
  const { config, problems } = await readConfig(request);
  if (config === null) return reading('invalid', null, problems, null);
  const created = await createPipeline({ config, context, sources });
  return problems.length === 0 ? created : { ...created, problems: [...problems, ...created.problems] };
}
