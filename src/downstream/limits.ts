import type { PipelineSource } from '../config/index.ts';
import { type Refusal, refused } from './refusal.ts';

/** What tells whether a pipeline is met again when projects trigger each other. */
export interface PipelineIdentity {
  readonly project: string;
  readonly ref: string;
  readonly source: PipelineSource;
}

/**
 * What GitLab asks before it makes a downstream pipeline (app/services/ci/create_downstream_pipeline_service.rb).
 * `lineage`: the pipeline of the bridge, after all that led to it; `pipelines`: how many have come of the first one, with
 * it. null: nothing is against it.
 */
export function exceededLimit(
  lineage: readonly PipelineIdentity[],
  isChild: boolean,
  pipelines: number,
): Refusal | null {
  if (isChild && nestedChildren(lineage) >= MAX_NESTED_CHILDREN) {
    return refused(
      'reached_max_descendant_pipelines_depth',
      `Not run: child pipelines may be nested ${MAX_NESTED_CHILDREN} deep, and this would be one more.`,
    );
  }
  if (pipelines >= MAX_PIPELINES) {
    return refused(
      'reached_max_pipeline_hierarchy_size',
      `Not run: there are ${MAX_PIPELINES} pipelines that come of one, and GitLab's limit is as many.`,
    );
  }
  return isChild ? null : loopOf(lineage);
}

const MAX_NESTED_CHILDREN = 2;
/** All that come of one. */
export const MAX_PIPELINES = 1000;

/** How many children of children this pipeline is: a pipeline of another project begins anew. */
function nestedChildren(lineage: readonly PipelineIdentity[]): number {
  const parent = lineage.findLastIndex(({ source }) => source !== 'parent_pipeline');
  return lineage.length - 1 - parent;
}

/**
 * Projects that trigger each other. One way round is allowed, as in GitLab: a pipeline may behave otherwise the second
 * time. Children do not count: what they trigger is their parent's doing.
 */
function loopOf(lineage: readonly PipelineIdentity[]): Refusal | null {
  const met = new Map<string, number>();
  for (const { project, ref, source } of lineage) {
    if (source === 'parent_pipeline') continue;
    const key = [project.toLowerCase(), ref, source].join('\0');
    const times = (met.get(key) ?? 0) + 1;
    if (times > MAX_TIMES_MET) {
      return refused(
        'pipeline_loop_detected',
        `Not run: the pipelines trigger each other in a loop, which came to ${project} ${times} times.`,
      );
    }
    met.set(key, times);
  }
  return null;
}

const MAX_TIMES_MET = 2;
