import { expandVariables } from '../base/expand-variables.ts';
import type { BuildJob, OutsideNeed } from '../pipeline/index.ts';
import type { JobDependency, JobVariable } from '../protocol/index.ts';
import { createFolderArtifactStore } from '../runner/index.ts';
import { artifactsFolder, findRecordedJob } from './job-records.ts';
import type { KeptOutputs, PipelineScope } from './pipeline-request.ts';
import type { RunHost } from './run-host.ts';
import { stateFolders } from './state-folders.ts';
import { expandedVariables } from './variables.ts';

/** What a job gets from jobs of other pipelines, or why it cannot have it. */
export type OutsideArtifacts =
  | {
      readonly kind: 'found';
      readonly dependencies: readonly JobDependency[];
      readonly dotenv: readonly JobVariable[];
    }
  | { readonly kind: 'missing'; readonly message: string };

/**
 * Fetches for `needs:pipeline` from a pipeline of the same run, most often the parent's, and for `needs:project` from
 * this run's pipelines of that project, else from the last run in its folder. As in GitLab, a job that did not pass has
 * nothing to give, and whoever needs it fails.
 */
export async function outsideArtifacts(
  host: RunHost,
  scope: PipelineScope,
  job: BuildJob,
): Promise<OutsideArtifacts> {
  const dependencies: JobDependency[] = [];
  const dotenv: JobVariable[] = [];
  if (job.outsideNeeds.length === 0) return { kind: 'found', dependencies, dotenv };
  const variables = expandedVariables(scope.request, job);
  const expand = (text: string) => expandVariables(text, (name) => variables.get(name) ?? null, 'empty');
  for (const need of job.outsideNeeds) {
    const name = expand(need.job);
    const found =
      need.kind === 'pipeline'
        ? inPipeline(host, scope, expand(need.pipeline), name)
        : await inProject(host, { ...need, project: expand(need.project), ref: expand(need.ref), job: name });
    if (typeof found === 'string' && need.kind === 'pipeline' && need.optional) continue;
    if (typeof found === 'string') return { kind: 'missing', message: found };
    if (found.hasArchive) dependencies.push({ id: found.jobId, name });
    dotenv.push(...found.dotenv);
  }
  return { kind: 'found', dependencies, dotenv };
}

function inPipeline(host: RunHost, scope: PipelineScope, id: string, job: string): KeptOutputs | string {
  const other = host.pipelinesById.get(Number(id));
  const isOfProject =
    other !== undefined && other.request.context.project.path === scope.request.context.project.path;
  if (!isOfProject) {
    return `It needs a job of pipeline '${id}', which is no pipeline of this run and project: CI_PIPELINE_ID of the parent is one that can be handed down.`;
  }
  const kept = other.kept.get(job);
  return kept?.passed === true ? kept : `It needs job '${job}' of pipeline ${id}, which has not passed.`;
}

async function inProject(
  host: RunHost,
  { project, ref, job }: Extract<OutsideNeed, { readonly kind: 'project' }>,
): Promise<KeptOutputs | string> {
  for (const { request, kept } of [...host.pipelinesById.values()].reverse()) {
    const { context } = request;
    if (context.source === 'parent_pipeline' || context.ref.name !== ref) continue;
    if (context.project.path.toLowerCase() !== project.toLowerCase()) continue;
    const found = kept.get(job);
    if (found?.passed === true) return found;
  }
  const known = host.projects.find(project);
  if (known === null) {
    return `It needs job '${job}' of project '${project}', which is not here. Name its folder with --project ${project}=FOLDER.`;
  }
  const { runs } = stateFolders(known.folder, host.environment);
  const recorded = await findRecordedJob(runs, { folder: known.folder, ref, job });
  if (recorded === null) {
    return `It needs job '${job}' of project '${project}', which has not passed for ${ref} in the runs that are kept of ${known.folder}: run it there first.`;
  }
  const jobId = host.nextJobId();
  const store = createFolderArtifactStore(artifactsFolder(recorded.record));
  host.artifacts.link(jobId, () => store.get(recorded.outputs.jobId));
  return { ...recorded.outputs, jobId };
}
