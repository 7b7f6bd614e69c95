import { AppError } from '../../base/app-error.ts';
import { startServerGit } from './git-process.ts';
import type { Repositories } from './repositories.ts';

/**
 * Refs by which runners fetch the commit of a pipeline, `refs/pipelines/ID`: they stay when the branch is pushed over or
 * deleted. Commits themselves are never thrown away, so a ref has to be there only while runners may ask for it: nobody
 * has to list the refs of all pipelines there ever were, and it can be made again when a job is retried.
 */
export interface PipelineRefs {
  /** Before the first job can be taken, and when one is retried. Once more does no harm. */
  keepForPipeline(project: number, pipeline: number, sha: string): Promise<void>;
  /** When pipelines have ended or are deleted. One that has none is no error, and neither is a project that is gone. */
  release(project: number, pipelines: readonly number[]): Promise<void>;
}

export function pipelineRefName(pipeline: number): string {
  if (Number.isSafeInteger(pipeline) && pipeline > 0) return `refs/pipelines/${pipeline}`;
  throw new RangeError(`A pipeline's number is a positive integer, not ${pipeline}.`);
}

/** Both throw AppError `git-failed`, the first one also when there is no such commit. */
export function createPipelineRefs(repositories: Repositories): PipelineRefs {
  const config = repositories.config(false, { mayPush: false, maxPushBytes: 0 });

  async function update(project: number, commands: readonly string[]): Promise<void> {
    const args = ['--git-dir', repositories.folderOf(project), 'update-ref', '--stdin'];
    const git = startServerGit(args, config);
    git.child.stdout.resume();
    git.child.stdin.end(commands.map((command) => `${command}\n`).join(''));
    if ((await git.ended) !== 0) {
      throw new AppError('git-failed', `Refs of pipelines cannot be written: ${git.complaint()}`);
    }
  }

  return {
    async keepForPipeline(project, pipeline, sha) {
      if (!/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(sha))
        throw new RangeError(`${sha} is no hash of a commit.`);
      await update(project, [`update ${pipelineRefName(pipeline)} ${sha}`]);
    },
    async release(project, pipelines) {
      if (pipelines.length === 0 || !(await repositories.exists(project))) return;
      await update(
        project,
        pipelines.map((pipeline) => `delete ${pipelineRefName(pipeline)}`),
      );
    },
  };
}
