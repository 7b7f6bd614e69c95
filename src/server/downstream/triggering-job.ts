import type { PipelineContext } from '../../config/index.ts';
import { type BridgeVariables, type Dotenv, variablesOfBridge } from '../../downstream/index.ts';
import { type BridgeJob, createFetchedJobs, type PipelineState } from '../../pipeline/index.ts';
import {
  type Db,
  type JobRow,
  jobsAt,
  type PipelineRow,
  type PipelineStore,
  type Project,
  pipelineById,
  projectById,
  type Store,
  variablesFor,
} from '../../store/index.ts';
import { dotenvOf } from '../pipelines/kept-outputs.ts';
import { projectVariables } from '../pipelines/project-variables.ts';
import { contextOf } from '../pipelines/stored-context.ts';

/** An attempt of a job that starts a pipeline, and all that decides which. */
export interface TriggeringJob {
  readonly row: JobRow;
  readonly bridge: BridgeJob;
  readonly project: Project;
  readonly pipeline: PipelineRow;
  readonly state: PipelineState;
  readonly context: PipelineContext;
  /** Of the jobs that it needs. */
  readonly dotenv: Dotenv;
  readonly variables: BridgeVariables;
}

/** null: there is no such job any more. */
export async function readTriggeringJob(
  {
    store,
    pipelines,
    server,
  }: {
    readonly store: Store;
    readonly pipelines: PipelineStore;
    readonly server: PipelineContext['server'];
  },
  pipelineId: number,
  { name, attempt }: { readonly name: string; readonly attempt: number },
): Promise<TriggeringJob | null> {
  const state = await pipelines.state(pipelineId);
  const position = state?.graph.indexes.get(name);
  const bridge = position === undefined ? undefined : state?.graph.plan.jobs[position];
  if (state === null || position === undefined || bridge?.kind !== 'bridge') return null;
  const needed = createFetchedJobs(state.graph.plan)(bridge);
  const found = await store.read(async (db) => {
    const row = await attemptAt(db, pipelineId, { position, attempt });
    const pipeline = await pipelineById(db, pipelineId);
    const project = pipeline === null ? null : await projectById(db, pipeline.project_id);
    if (row === null || pipeline === null || project === null) return null;
    const positions = needed.flatMap((job) => state.graph.indexes.get(job) ?? []);
    return {
      ...{ row, pipeline, project },
      stored: await variablesFor(db, project.id),
      jobs: await jobsAt(db, pipelineId, positions),
    };
  });
  if (found === null) return null;
  const { row, pipeline, project, stored, jobs } = found;
  const context = contextOf(pipeline, {
    server,
    projectVariables: projectVariables(stored, {
      isProtected: pipeline.protected === 1,
      environment: bridge.environment?.name ?? null,
    }),
  });
  const dotenv = jobs.flatMap(dotenvOf);
  const variables = variablesOfBridge({ plan: state.graph.plan, context }, bridge, dotenv);
  return { row, bridge, project, pipeline, state, context, dotenv, variables };
}

export async function attemptAt(
  db: Db,
  pipelineId: number,
  { position, attempt }: { readonly position: number; readonly attempt: number },
): Promise<JobRow | null> {
  const row = await db
    .selectFrom('jobs')
    .selectAll()
    .where('pipeline_id', '=', pipelineId)
    .where('position', '=', position)
    .where('attempt', '=', attempt)
    .executeTakeFirst();
  return row ?? null;
}
