import { type BridgeVariables, expandForBridge, type Refusal, refused } from '../../downstream/index.ts';
import type { BridgeJob } from '../../pipeline/index.ts';
import { commitSources } from '../commit-sources.ts';
import { contextForRun } from '../git-context.ts';
import type { PipelineScope } from '../pipeline-request.ts';
import { projectSources } from '../project-sources.ts';
import { askRepository, commitOf } from '../repository.ts';
import type { RunHost } from '../run-host.ts';
import type { DownstreamConfiguration } from './child-configuration.ts';

type ProjectTarget = Extract<BridgeJob['trigger']['target'], { readonly kind: 'project' }>;

/**
 * The pipeline that a trigger of another project means: for the branch it names, else the project's default branch. When
 * that is what its folder has checked out, the files are as they lie there; else those of the branch's commit.
 */
export async function downstreamProject(
  host: RunHost,
  scope: PipelineScope,
  target: ProjectTarget,
  variables: BridgeVariables,
): Promise<DownstreamConfiguration | Refusal> {
  const { context, sources } = scope.request;
  const path = expandForBridge(target.project, variables);
  if (path.toLowerCase() === context.project.path.toLowerCase()) {
    return refused(
      'invalid_bridge_trigger',
      `Not run: a job cannot trigger the pipeline of its own project ${path}; trigger:include starts a child.`,
    );
  }
  const known = host.projects.find(path);
  if (known === null) {
    return refused(
      'downstream_bridge_project_not_found',
      `Not run: project '${path}' is not here. Name its folder with --project ${path}=FOLDER.`,
    );
  }
  const { folder, file } = known;
  const request = {
    repository: folder,
    source: 'pipeline' as const,
    ref: null,
    tag: false,
    target: null,
    variables: {},
    inputs: {},
    configPath: file,
    now: new Date(host.clock.now()),
  };
  const answers = askRepository(folder);
  const [checkedOut, asItLies] = await Promise.all([answers.branch, contextForRun(request, answers)]);
  const branch =
    target.branch === null ? asItLies.project.defaultBranch : expandForBridge(target.branch, variables);
  const identity = {
    project: { ...asItLies.project, id: known.id, path: known.path },
    server: context.server,
  };
  const hasCommit = !/^0+$/.test(asItLies.commit.sha);
  if (!hasCommit || checkedOut === `refs/heads/${branch}`) {
    return {
      kind: 'configuration',
      project: await host.projects.open(known, {
        commit: hasCommit ? asItLies.commit.sha : null,
        asItLies: true,
      }),
      context: { ...asItLies, ...identity },
      sources: projectSources(folder, sources.elsewhere),
      file,
      inputs: {},
      remark: `The pipeline of ${known.path} runs for ${branch}, with the files as they lie in ${folder}.`,
    };
  }
  const commit = await commitOfRef(folder, branch);
  if (commit === null) {
    return refused(
      'downstream_pipeline_creation_failed',
      `Not run: reference not found: ${folder} has no branch or tag '${branch}'.`,
    );
  }
  const committed = await contextForRun({ ...request, ref: branch }, askRepository(folder, commit));
  return {
    kind: 'configuration',
    project: await host.projects.open(known, { commit, asItLies: false }),
    context: { ...committed, ...identity },
    sources: await commitSources(folder, commit, sources.elsewhere),
    file,
    inputs: {},
    remark: `The pipeline of ${known.path} runs for ${branch}, with the files of its commit ${commit.slice(0, 8)}: ${folder} has something else checked out.`,
  };
}

/** A person's own branch before that of the remote. */
async function commitOfRef(folder: string, ref: string): Promise<string | null> {
  for (const name of [`refs/heads/${ref}`, `refs/remotes/origin/${ref}`, `refs/tags/${ref}`]) {
    const commit = await commitOf(folder, name);
    if (commit !== null) return commit;
  }
  return null;
}
