import {
  type PipelineContext,
  type PipelineReading,
  readPipeline,
  type Sources,
} from '../../config/index.ts';
import { downstreamVariables, plannedChildFiles, variablesOfBridge } from '../../downstream/index.ts';
import type { BridgeJob, Plan } from '../../pipeline/index.ts';

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
  const files = target.kind === 'child' ? plannedChildFiles(target.includes) : null;
  if (files === null) return null;
  const { context } = parent;
  const child: PipelineContext = {
    ...context,
    source: 'parent_pipeline',
    upstream: { projectId: context.project.id, pipelineId: context.pipeline.id, jobId: 0 },
    pipelineVariables: downstreamVariables(context, job, {
      variables: variablesOfBridge(parent, job, []),
      dotenv: [],
      played: {},
    }),
    inputs: { ...job.trigger.inputs, ...files.inputs },
  };
  const [sources, { file }] = [files.sourcesIn(parent.sources), files];
  return { reading: await readPipeline({ sources, file, context: child }), context: child, sources };
}
