import type { PipelineContext } from '../../config/index.ts';
import { type Command, isCompleted } from '../../pipeline/index.ts';
import {
  JOB_DELAY,
  type LeasedEntry,
  type LeasedTimer,
  olderActivePipelines,
  PIPELINE_WORK,
  type PipelineStore,
  type ResourceGroups,
  type Store,
} from '../../store/index.ts';
import type { Downstream } from '../downstream/downstream.ts';
import type { Places } from '../places/places.ts';
import { cancelRedundant, carryOutCancel } from './cancel-effects.ts';
import type { CommitKeeper } from './commit-keeper.ts';
import { carryOutResource } from './resource-effects.ts';

/** What follows from a pipeline's changes, entry by entry; every one may be carried out twice. */
export interface PipelineEffects {
  carryOut(entry: LeasedEntry): Promise<void>;
  delayElapsed(timer: LeasedTimer): Promise<void>;
}

export interface PipelineEffectsParts {
  readonly store: Store;
  readonly pipelines: PipelineStore;
  readonly groups: ResourceGroups;
  readonly downstream: Downstream;
  readonly keeper: CommitKeeper;
  readonly places: Places;
  readonly server: PipelineContext['server'];
}

export function createPipelineEffects(parts: PipelineEffectsParts): PipelineEffects {
  const { store, pipelines, downstream } = parts;

  async function carryOutCommand(pipelineId: number, command: Command): Promise<void> {
    switch (command.type) {
      case 'cancel-job':
        return carryOutCancel(parts, pipelineId, command);
      case 'request-resource':
      case 'release-resource':
        return carryOutResource(parts, pipelineId, command);
      case 'trigger-downstream':
        return downstream.trigger(pipelineId, command);
      case 'cancel-downstream':
        return downstream.cancel(pipelineId, command);
      case 'pipeline-status-changed':
        await parts.keeper.statusChanged(pipelineId, command.to);
        if (isCompleted(command.to)) await parts.places.pipelineOver(pipelineId);
        return downstream.changed(pipelineId);
      // The rest is done with its row, its timer, or with having been told.
      case 'run-job':
      case 'start-timer':
      case 'cancel-timer':
      case 'job-status-changed':
        return;
    }
  }

  return {
    async carryOut({ body }) {
      const entry = PIPELINE_WORK.read(body);
      if ('newer' in entry) {
        const { projectId, ref, id } = entry.newer;
        const older = await store.read((db) => olderActivePipelines(db, { projectId, ref, before: id }));
        return cancelRedundant(parts, older);
      }
      return carryOutCommand(entry.pipelineId, entry.command);
    },
    async delayElapsed({ body }) {
      const { pipelineId, job, attempt } = JOB_DELAY.read(body);
      await pipelines.apply(pipelineId, [{ type: 'delay-elapsed', job, attempt }]);
    },
  };
}
