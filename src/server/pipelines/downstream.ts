import type { Command, PipelineStatus } from '../../pipeline/index.ts';
import type { PipelineStore } from '../../store/index.ts';

/** Pipelines that trigger jobs start, and what goes between them. */
export interface Downstream {
  trigger(
    pipelineId: number,
    command: Extract<Command, { readonly type: 'trigger-downstream' }>,
  ): Promise<void>;
  cancel(
    pipelineId: number,
    command: Extract<Command, { readonly type: 'cancel-downstream' }>,
  ): Promise<void>;
  /** A pipeline has another status: the bridge that waits for it is told. */
  changed(pipelineId: number, status: PipelineStatus): Promise<void>;
}

/** A server that starts no downstream pipelines says so by failing their bridges. */
export function refuseDownstream(pipelines: PipelineStore): Downstream {
  return {
    async trigger(pipelineId, { job, attempt }) {
      const reason = 'downstream_pipeline_creation_failed';
      await pipelines.apply(pipelineId, [{ type: 'downstream-refused', job, attempt, reason }]);
    },
    cancel: () => Promise.resolve(),
    changed: () => Promise.resolve(),
  };
}
