import { expandForBridge, type Refusal, refused } from '../../downstream/index.ts';
import {
  addMirror,
  latestPipeline,
  type PipelineStore,
  projectByPath,
  type Store,
} from '../../store/index.ts';
import { tellBridge } from './tell-bridge.ts';
import type { TriggeringJob } from './triggering-job.ts';

/**
 * A job with `needs:pipeline` shows the newest pipeline of the other project's default branch, from now until that one is
 * over. null: it does.
 */
export async function carryOutMirror(
  { store, pipelines }: { readonly store: Store; readonly pipelines: PipelineStore },
  { row, bridge, variables }: TriggeringJob,
  written: string,
): Promise<Refusal | null> {
  const path = expandForBridge(written, variables);
  const shown = await store.read(async (db) => {
    const project = await projectByPath(db, path);
    return project === null ? null : await latestPipeline(db, project.id, project.defaultBranch);
  });
  if (shown === null) {
    return refused(
      'upstream_bridge_project_not_found',
      `Not run: there is no project ${path}, or it has no pipeline for its default branch.`,
    );
  }
  await store.write(async (tx) => {
    const { pipeline_id: pipelineId, attempt } = row;
    const event = { type: 'downstream-created', job: bridge.name, attempt } as const;
    if ((await pipelines.applyIn(tx, pipelineId, [event])) !== null) await addMirror(tx.db, row.id, shown.id);
  });
  await tellBridge({ store, pipelines }, row, shown.id);
  return null;
}
