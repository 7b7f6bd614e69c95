import {
  type PipelineContext,
  type PipelineReading,
  readPipeline,
  type Sources,
} from '../../config/index.ts';
import type { BridgeJob, Plan } from '../../pipeline/index.ts';
import { includeEntry, MADE_UP, withFiles } from './child-configuration.ts';
import { handedDown, variablesOfBridge } from './downstream-variables.ts';

/** A pipeline that is not run, and what it was read from. */
export interface PlannedPipeline {
  readonly plan: Plan;
  readonly context: PipelineContext;
  readonly sources: Sources;
}

/** A child as its parent would make it. */
export interface PlannedChild {
  readonly reading: PipelineReading;
  readonly context: PipelineContext;
  readonly sources: Sources;
}

/**
 * Reads the pipeline that a bridge would start as a child, without running anything. null for one whose file a job makes,
 * and for the pipeline of another project. What only a run knows, such as the variables of dotenv reports, it does not see.
 */
export async function readPlannedChild(
  parent: PlannedPipeline,
  job: BridgeJob,
): Promise<PlannedChild | null> {
  const { target } = job.trigger;
  if (target.kind !== 'child') return null;
  const entries = target.includes.flatMap((include) =>
    include.kind === 'artifact' ? [] : includeEntry(include),
  );
  if (entries.length < target.includes.length) return null;
  const variables = variablesOfBridge(parent, job, []);
  const { context } = parent;
  const child: PipelineContext = {
    ...context,
    source: 'parent_pipeline',
    upstream: { projectId: context.project.id, pipelineId: context.pipeline.id, jobId: 0 },
    pipelineVariables: handedDown(context, job, variables, []),
    inputs: job.trigger.inputs,
  };
  const [only] = target.includes;
  if (target.includes.length === 1 && only?.kind === 'local' && !/[*$]/.test(only.path) && !only.further) {
    const file = only.path.replace(/^\/+/, '');
    const inputs = { ...child.inputs, ...only.inputs };
    return readFrom(parent.sources, file, { ...child, inputs });
  }
  const made = new Map([[MADE_UP, JSON.stringify({ include: entries })]]);
  return readFrom(withFiles(parent.sources, made), MADE_UP, child);
}

async function readFrom(sources: Sources, file: string, context: PipelineContext): Promise<PlannedChild> {
  return { reading: await readPipeline({ sources, file, context }), context, sources };
}
