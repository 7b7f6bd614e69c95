import { expandVariables } from '../../base/expand-variables.ts';
import type { PipelineContext } from '../../config/index.ts';
import type { Command, PipelineState } from '../../pipeline/index.ts';
import {
  type PipelineStore,
  pipelineById,
  type ResourceClaim,
  type ResourceGroups,
  type Store,
  type Tx,
  variablesFor,
} from '../../store/index.ts';
import { valuesBeforeRun } from './job-requirements.ts';
import { projectVariables } from './project-variables.ts';
import { contextOf } from './stored-context.ts';

interface Parts {
  readonly store: Store;
  readonly pipelines: PipelineStore;
  readonly groups: ResourceGroups;
  readonly server: PipelineContext['server'];
}

type Request = Extract<Command, { readonly type: 'request-resource' | 'release-resource' }>;

/**
 * Asks for the resource of a job's group, or gives it back; whoever has it now is told in the same transaction. The
 * group's name may hold variables.
 */
export async function carryOutResource(parts: Parts, pipelineId: number, command: Request): Promise<void> {
  const { store, pipelines, groups } = parts;
  const claim: ResourceClaim = { pipelineId, job: command.job, attempt: command.attempt };
  if (command.type === 'release-resource') {
    await store.write(async (tx) => grant(tx, pipelines, await groups.release(tx, claim)));
    return;
  }
  const graph = await pipelines.graph(pipelineId);
  if (graph === null) return;
  const group = await groupOf(parts, graph, pipelineId, command);
  if (group === null) return;
  await store.write(async (tx) => grant(tx, pipelines, await groups.request(tx, group, claim)));
}

async function grant(tx: Tx, pipelines: PipelineStore, claims: readonly ResourceClaim[]): Promise<void> {
  for (const { pipelineId, job, attempt } of claims) {
    await pipelines.applyIn(tx, pipelineId, [{ type: 'resource-granted', job, attempt }]);
  }
}

async function groupOf(
  { store, server }: Parts,
  graph: PipelineState['graph'],
  pipelineId: number,
  { job: name, group }: Request,
): Promise<{ readonly projectId: number; readonly key: string } | null> {
  const found = await store.read(async (db) => {
    const row = await pipelineById(db, pipelineId);
    return row === null ? null : { row, stored: await variablesFor(db, row.project_id) };
  });
  if (found === null) return null;
  const { row, stored } = found;
  const index = graph.indexes.get(name);
  const job = index === undefined ? undefined : graph.plan.jobs[index];
  if (job === undefined) return null;
  if (!group.includes('$')) return { projectId: row.project_id, key: group };
  const scope = { isProtected: row.protected === 1, environment: job.environment?.name ?? null };
  const context = contextOf(row, { server, projectVariables: projectVariables(stored, scope) });
  const values = valuesBeforeRun(graph.plan, job, context);
  const key = expandVariables(group, (variable) => values.get(variable) ?? null, 'keep');
  return { projectId: row.project_id, key };
}
