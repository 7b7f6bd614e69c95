import { AppError } from '../../base/app-error.ts';
import type { Clock } from '../../base/clock.ts';
import { hasErrors, type Problem } from '../../base/problem.ts';
import {
  type CommitContext,
  type ContextVariable,
  type MergeRequestContext,
  PIPELINE_FILES,
  type PipelineContext,
  type PipelineSource,
  readPipeline,
  type Sources,
  type UpstreamContext,
} from '../../config/index.ts';
import type { Plan } from '../../pipeline/index.ts';
import {
  type CreatedPipeline,
  type NewPipeline,
  openMergeRequestsOf,
  type PipelineStore,
  type Project,
  type Store,
  type Tx,
  takePipelineNumber,
  variablesFor,
} from '../../store/index.ts';
import type { Commits } from '../git/index.ts';
import { mergeRequestRef } from '../merge-requests/merge-request-ref.ts';
import type { CommitKeeper } from './commit-keeper.ts';
import { jobRequirements } from './job-requirements.ts';
import { problemsOnServer } from './problems-on-server.ts';
import { projectVariables } from './project-variables.ts';
import { isProtectedRef } from './protected-refs.ts';
import { storedContext } from './stored-context.ts';

/** A pipeline that somebody wants, or an event asks for. */
export interface PipelineOrder {
  readonly project: Project;
  readonly ref: { readonly name: string; readonly kind: 'branch' | 'tag' };
  /** Of the commit, or of the annotated tag. */
  readonly hash: string;
  /** What the ref was before a push; null: nothing, or there was no push. */
  readonly before: string | null;
  readonly source: PipelineSource;
  readonly user: PipelineContext['user'];
  /** Given with the order: they beat everything. */
  readonly variables: Readonly<Record<string, ContextVariable>>;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly schedule?: { readonly id: number; readonly description: string };
  readonly mergeRequest?: MergeRequestContext;
  readonly upstream?: UpstreamContext;
  readonly parentJobId?: number;
  /** Of the hash, where it is known already. */
  readonly commit?: CommitContext;
  /** The pipeline file, where it is not the project's own; and, for what a job has made, the files it is read from. */
  readonly file?: string;
  /** What the jobs are told of where the file is; absent: where it is. */
  readonly configPath?: string;
  readonly sources?: (own: Sources) => Sources;
  /** Written in the same transaction as the pipeline. `isValid` is false for one that is there only to say what is wrong. */
  readonly also?: (tx: Tx, created: CreatedPipeline, isValid: boolean) => Promise<void>;
}

export type OrderedPipeline =
  | {
      readonly kind: 'created';
      readonly id: number;
      readonly iid: number;
      readonly problems: readonly Problem[];
      readonly plan: Plan;
    }
  /** There is a pipeline, without jobs and failed, so that people see why. */
  | {
      readonly kind: 'invalid';
      readonly id: number;
      readonly iid: number;
      readonly problems: readonly Problem[];
    }
  /** There is none, and that is as the project wants it. */
  | { readonly kind: 'none'; readonly why: 'no-file' | 'filtered_by_workflow' | 'empty' | 'skipped' }
  | { readonly kind: 'no-commit' };

export interface PipelineMaker {
  make(order: PipelineOrder): Promise<OrderedPipeline>;
}

export interface PipelineMakerParts {
  readonly store: Store;
  readonly pipelines: PipelineStore;
  readonly commits: Commits;
  readonly keeper: Pick<CommitKeeper, 'begin' | 'abandon'>;
  readonly clock: Clock;
  readonly server: PipelineContext['server'];
  /** The doors out of a project, made anew for each pipeline, and closed when it is read. */
  readonly elsewhere: () => Sources['elsewhere'] & AsyncDisposable;
}

/** Orders to `make` become pipelines: the file is read at the commit, and what it comes to is written at once. */
export function createPipelineMaker(parts: PipelineMakerParts): PipelineMaker {
  const { store, pipelines, commits, keeper, clock, server } = parts;

  async function make(order: PipelineOrder): Promise<OrderedPipeline> {
    const { project, ref } = order;
    await using elsewhere = parts.elsewhere();
    const sources = await commits.sources(project.id, order.hash, elsewhere);
    if (sources === null) return { kind: 'no-commit' };
    const given = order.sources?.(sources) ?? sources;
    const file = order.file ?? (await pipelineFile(project, given));
    if (file === null) return { kind: 'none', why: 'no-file' };
    const number = takeNumber(project);
    // While the file is read: its jobs may be given out as soon as the pipeline is written.
    const begun = number.then((iid) => keeper.begin(project.id, iid, order.hash));
    const [context] = await Promise.all([contextFor(order, file, number), begun]);
    if (context === null) return { kind: 'no-commit' };
    const { iid: reserved } = context.pipeline;
    const reading = await readPipeline({ sources: given, file, context });
    const { plan, outcome } = reading;
    const missing = await problemsOnServer(parts, reading, context.projectVariables);
    const problems = [...reading.problems, ...missing];
    if (outcome === 'skipped' || outcome === 'empty' || outcome === 'filtered_by_workflow') {
      keeper.abandon(project.id, reserved);
      return { kind: 'none', why: outcome };
    }
    const common = {
      projectId: project.id,
      iid: reserved,
      source: order.source,
      ref: order.mergeRequest === undefined ? ref.name : mergeRequestRef(order.mergeRequest.iid),
      tag: ref.kind === 'tag',
      protected: context.ref.protected,
      sha: context.commit.sha,
      beforeSha: order.before,
      title: firstLine(context.commit.message),
      author: context.commit.author,
      parentJobId: order.parentJobId ?? null,
      scheduleId: order.schedule?.id ?? null,
      mergeRequest: order.mergeRequest === undefined ? null : String(order.mergeRequest.iid),
      context: storedContext(context, problems),
    };
    if (plan === null || hasErrors(problems)) {
      keeper.abandon(project.id, reserved);
      const { id, iid } = await pipelines.createFailed(common, alsoFor(order, false));
      return { kind: 'invalid', id, iid, problems };
    }
    const pipeline: NewPipeline = { ...common, plan, requires: jobRequirements(plan, context) };
    const { id, iid } = await pipelines.create(pipeline, alsoFor(order, true));
    return { kind: 'created', id, iid, problems, plan };
  }

  async function takeNumber(project: Project): Promise<number> {
    const iid = await store.write(({ db }) => takePipelineNumber(db, project.id));
    if (iid !== null) return iid;
    throw new AppError('project-gone', `The project ${project.path} has been deleted meanwhile.`);
  }

  async function contextFor(
    order: PipelineOrder,
    file: string,
    number: Promise<number>,
  ): Promise<PipelineContext | null> {
    const { project, ref, source } = order;
    const isPush = source === 'push';
    // A child is about the changes that its parent is about.
    const isOfPush = isPush || source === 'parent_pipeline';
    const base = order.mergeRequest?.diffBaseSha ?? (isOfPush ? order.before : null);
    const isProtected = order.mergeRequest === undefined && isProtectedRef(project.settings, ref);
    const [commit, changedFiles, iid, stored, open] = await Promise.all([
      order.commit ??
        commits.facts(project.id, {
          hash: order.hash,
          before: order.before,
          ref,
          defaultBranch: project.defaultBranch,
        }),
      base === null ? null : commits.changedFiles(project.id, base, order.hash),
      number,
      store.read((db) => variablesFor(db, project.id)),
      ref.kind === 'tag' ? [] : store.read((db) => openMergeRequestsOf(db, project.id, ref.name)),
    ]);
    if (commit === null) return null;
    return {
      source,
      project: {
        id: project.id,
        path: project.path,
        title: project.name,
        defaultBranch: project.defaultBranch,
        visibility: project.settings.visibility,
        configPath: order.configPath ?? file,
      },
      commit,
      ref: { ...ref, protected: isProtected },
      mergeRequest: order.mergeRequest ?? null,
      openMergeRequests: open.map((request) => `${project.path}!${request.iid}`),
      pullRequest: null,
      upstream: order.upstream ?? null,
      changedFiles,
      pipeline: {
        // Not known before it is written, and nothing that is decided about it depends on it.
        id: 0,
        iid,
        createdAt: new Date(clock.now()),
        scheduleDescription: order.schedule?.description ?? null,
      },
      user: order.user,
      server,
      projectVariables: projectVariables(stored, { isProtected, environment: null }),
      pipelineVariables: order.variables,
      inputs: order.inputs,
      ignoreSkipCi: !isPush && source !== 'merge_request_event',
    };
  }

  return { make };
}

function alsoFor({ also }: PipelineOrder, isValid: boolean) {
  return also === undefined ? undefined : (tx: Tx, created: CreatedPipeline) => also(tx, created, isValid);
}

/** The file that the project names, or the first of the usual names that is there; null: none. */
async function pipelineFile(project: Project, sources: Sources): Promise<string | null> {
  if (project.configPath !== null) return project.configPath;
  for (const name of PIPELINE_FILES) {
    if ((await sources.readFile(name)).kind !== 'absent') return name;
  }
  return null;
}

function firstLine(message: string): string {
  return (message.split('\n', 1)[0] ?? '').slice(0, MAX_TITLE);
}

const MAX_TITLE = 255;
