import { expandVariables } from '../../base/expand-variables.ts';
import type { PipelineContext } from '../../config/index.ts';
import { type Refusal, refused } from '../../downstream/index.ts';
import type { BuildJob, OutsideNeed, PipelineState, Plan } from '../../pipeline/index.ts';
import {
  areOfOneFamily,
  type JobRow,
  jobsAt,
  latestPassedJob,
  type PipelineRow,
  type PipelineStore,
  pipelineById,
  projectById,
  projectByPath,
  type Store,
} from '../../store/index.ts';
import { valuesBeforeRun } from './job-requirements.ts';
import { type KeptOutputs, outputsOf } from './kept-outputs.ts';

export interface OutsideParts {
  readonly store: Store;
  readonly pipelines: PipelineStore;
  readonly now: () => number;
}

/** A job that fetches from jobs of other pipelines, and the pipeline that it is in. */
export interface FetchingJob {
  readonly job: BuildJob;
  readonly plan: Plan;
  readonly pipeline: PipelineRow;
  readonly context: PipelineContext;
}

/**
 * What jobs of other pipelines have left for this one: `needs:pipeline` of the same project and family, `needs:project` of
 * the last one that has passed for the ref. As in GitLab, a job that did not pass has nothing to give, and whoever needs
 * it fails.
 */
export async function outsideOutputs(
  parts: OutsideParts,
  fetching: FetchingJob,
): Promise<KeptOutputs | Refusal> {
  const rows: JobRow[] = [];
  for (const need of expandedNeeds(fetching)) {
    const found =
      need.kind === 'pipeline' ? await inPipeline(parts, fetching, need) : await inProject(parts, need);
    if (typeof found !== 'string') rows.push(found);
    else if (need.kind === 'project' || !need.optional) return refused('missing_dependency_failure', found);
  }
  return parts.store.read((db) => outputsOf(db, rows, parts.now()));
}

/** Whether a job of another project is one that this job names in its `needs`. */
export async function isNeededOutside(
  { store }: Pick<OutsideParts, 'store'>,
  fetching: FetchingJob,
  other: JobRow,
): Promise<boolean> {
  if (other.status !== 'success') return false;
  const project = await store.read((db) => projectById(db, other.project_id));
  return expandedNeeds(fetching).some(
    (need) =>
      need.kind === 'project' &&
      need.project === project?.path &&
      need.ref === other.shared_ref &&
      need.job === other.name,
  );
}

function expandedNeeds({ job, plan, context }: FetchingJob): readonly OutsideNeed[] {
  if (job.outsideNeeds.length === 0) return [];
  const values = valuesBeforeRun(plan, job, context);
  const expand = (text: string) => expandVariables(text, (name) => values.get(name) ?? null, 'empty');
  return job.outsideNeeds.map((need) =>
    need.kind === 'pipeline'
      ? { ...need, pipeline: expand(need.pipeline), job: expand(need.job) }
      : { ...need, project: expand(need.project), ref: expand(need.ref), job: expand(need.job) },
  );
}

async function inPipeline(
  { store, pipelines }: OutsideParts,
  { pipeline }: FetchingJob,
  need: Extract<OutsideNeed, { readonly kind: 'pipeline' }>,
): Promise<JobRow | string> {
  const id = /^[1-9][0-9]{0,14}$/.test(need.pipeline) ? Number(need.pipeline) : null;
  const other = id === null ? null : await store.read((db) => pipelineById(db, id));
  const isNear =
    other !== null && other.project_id === pipeline.project_id && areOfOneFamily(other, pipeline);
  const state = isNear ? await pipelines.state(other.id) : null;
  if (other === null || state === null) {
    return `It needs a job of pipeline '${need.pipeline}', which is none that started this one, or came of the same: CI_PIPELINE_ID of the parent is one that can be handed down.`;
  }
  const row = await latestAttempt(store, other.id, state, need.job);
  return row?.status === 'success'
    ? row
    : `It needs job '${need.job}' of pipeline ${other.id}, which has not passed.`;
}

async function latestAttempt(
  store: Store,
  pipelineId: number,
  state: PipelineState,
  job: string,
): Promise<JobRow | null> {
  const position = state.graph.indexes.get(job);
  if (position === undefined) return null;
  const [row] = await store.read((db) => jobsAt(db, pipelineId, [position]));
  return row ?? null;
}

async function inProject(
  { store }: OutsideParts,
  { project: path, ref, job: name }: Extract<OutsideNeed, { readonly kind: 'project' }>,
): Promise<JobRow | string> {
  return store.read(async (db) => {
    const project = await projectByPath(db, path);
    if (project === null) return `It needs job '${name}' of project '${path}', which is not here.`;
    const row = await latestPassedJob(db, { projectId: project.id, ref, name });
    return row ?? `It needs job '${name}' of project '${path}', which has not passed for ${ref}.`;
  });
}
