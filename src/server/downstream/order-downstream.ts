import {
  type CommitContext,
  PIPELINE_SOURCES,
  type PipelineContext,
  type SourceFile,
} from '../../config/index.ts';
import {
  childFiles,
  downstreamVariables,
  exceededLimit,
  expandForBridge,
  MAX_PIPELINES,
  type PipelineIdentity,
  type Refusal,
  refused,
} from '../../downstream/index.ts';
import type { BridgeJob, PlayVariables } from '../../pipeline/index.ts';
import {
  type AncestorRow,
  type Blobs,
  familySize,
  lineageOf,
  type PipelineStore,
  type Project,
  projectByPath,
  type Store,
} from '../../store/index.ts';
import type { Commits } from '../git/index.ts';
import type { PipelineOrder } from '../pipelines/create-pipeline.ts';
import { createArtifactTexts } from './artifact-text.ts';
import type { TriggeringJob } from './triggering-job.ts';

export interface DownstreamOrderParts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly pipelines: PipelineStore;
  readonly commits: Commits;
  readonly now: () => number;
  readonly server: PipelineContext['server'];
}

type Target = BridgeJob['trigger']['target'];
type ChildTarget = Extract<Target, { readonly kind: 'child' }>;
type ProjectTarget = Extract<Target, { readonly kind: 'project' }>;

export type DownstreamOrder = { readonly kind: 'order'; readonly order: PipelineOrder };

/** The pipeline that a trigger means, or why there is to be none, in the order in which GitLab asks. */
export function createDownstreamOrders(parts: DownstreamOrderParts) {
  const { store, commits } = parts;
  const artifactTexts = createArtifactTexts(parts);

  async function orderFor(
    job: TriggeringJob,
    target: ChildTarget | ProjectTarget,
    played: PlayVariables,
  ): Promise<DownstreamOrder | Refusal> {
    const isChild = target.kind === 'child';
    const limit = await exceeded(job, isChild);
    if (limit !== null && isChild) return limit;
    const found = isChild ? await child(job, target) : await otherProject(job, target);
    if (found.kind === 'refused') return found;
    if (limit !== null) return limit;
    const { context, bridge, row, variables, dotenv } = job;
    const { inputs, ...meant } = found.order;
    return {
      kind: 'order',
      order: {
        ...meant,
        user: context.user,
        variables: downstreamVariables(context, bridge, { variables, dotenv, played }),
        inputs: { ...bridge.trigger.inputs, ...inputs },
        upstream: { projectId: job.project.id, pipelineId: job.pipeline.id, jobId: row.id },
      },
    };
  }

  async function exceeded({ pipeline }: TriggeringJob, isChild: boolean): Promise<Refusal | null> {
    const { lineage, size } = await store.read(async (db) => ({
      lineage: await lineageOf(db, pipeline.id),
      size: await familySize(db, pipeline, MAX_PIPELINES),
    }));
    return exceededLimit(lineage.map(identityOf), isChild, size);
  }

  /** Of the same commit and for the same reasons as its parent, which is why nothing of that is asked anew. */
  async function child(job: TriggeringJob, target: ChildTarget): Promise<Meant | Refusal> {
    const { project, pipeline, context, variables } = job;
    const files = await childFiles(target.includes, {
      files: { readFile: (path) => readFile(project.id, pipeline.sha, path) },
      variables,
      artifactText: (name, path) => artifactTexts.read(job, name, path),
    });
    if (files.kind === 'refused') return files;
    return {
      kind: 'meant',
      order: {
        project,
        ref: context.ref,
        hash: pipeline.sha,
        before: pipeline.before_sha,
        commit: context.commit,
        source: 'parent_pipeline',
        file: files.file,
        configPath: context.project.configPath,
        sources: files.sourcesIn,
        inputs: files.inputs,
        ...(context.mergeRequest !== null && { mergeRequest: context.mergeRequest }),
      },
    };
  }

  async function readFile(project: number, sha: string, path: string): Promise<SourceFile> {
    return (await commits.readFileAtRef(project, sha, path)) ?? { kind: 'absent' };
  }

  async function otherProject(job: TriggeringJob, target: ProjectTarget): Promise<Meant | Refusal> {
    const path = expandForBridge(target.project, job.variables);
    if (path.toLowerCase() === job.project.path.toLowerCase()) {
      return refused(
        'invalid_bridge_trigger',
        `Not run: a job cannot trigger the pipeline of its own project ${path}; trigger:include starts a child.`,
      );
    }
    const project = await store.read((db) => projectByPath(db, path));
    if (project === null) {
      return refused('downstream_bridge_project_not_found', `Not run: there is no project '${path}' here.`);
    }
    const name =
      target.branch === null ? project.defaultBranch : expandForBridge(target.branch, job.variables);
    const found = await findRef(project, name);
    if (found === null) {
      return refused(
        CREATION_FAILED,
        `Not run: reference not found: ${project.path} has no branch or tag '${name}'.`,
      );
    }
    return {
      kind: 'meant',
      order: {
        project,
        ref: found.ref,
        hash: found.commit.sha,
        before: null,
        commit: found.commit,
        source: 'pipeline',
        inputs: {},
      },
    };
  }

  async function findRef(project: Project, name: string): Promise<FoundRef | null> {
    for (const [kind, folder] of KINDS) {
      const ref = { name, kind };
      const commit = await commits.facts(project.id, {
        ...{ hash: `${folder}${name}`, before: null, ref },
        defaultBranch: project.defaultBranch,
      });
      if (commit !== null) return { ref, commit };
    }
    return null;
  }

  return { orderFor };
}

interface Meant {
  readonly kind: 'meant';
  readonly order: Omit<PipelineOrder, 'user' | 'variables' | 'upstream'>;
}

interface FoundRef {
  readonly ref: PipelineOrder['ref'];
  readonly commit: CommitContext;
}

const KINDS = [
  ['branch', 'refs/heads/'],
  ['tag', 'refs/tags/'],
] as const;

const CREATION_FAILED = 'downstream_pipeline_creation_failed';

function identityOf({ project, ref, source }: AncestorRow): PipelineIdentity {
  return { project, ref, source: PIPELINE_SOURCES.find((known) => known === source) ?? 'external' };
}
