import type { PipelineContext } from '../config/index.ts';
import { commitOf } from './repository.ts';

/**
 * What a person who named a ref may not expect: it changes what the pipeline takes itself to be for, never the files.
 * null when the ref is what is checked out.
 */
export async function remarkOnRef(
  repository: string,
  ref: string,
  { commit }: PipelineContext,
): Promise<string | null> {
  const names = [`refs/heads/${ref}`, `refs/tags/${ref}`, `refs/remotes/origin/${ref}`];
  const commits = await Promise.all(names.map((name) => commitOf(repository, name)));
  const found = commits.find((sha) => sha !== null);
  if (found === commit.sha) return null;
  const where = found === undefined ? 'is no branch or tag of this repository' : 'is at another commit';
  return `--ref ${ref} ${where}: files and commit stay those that are checked out.`;
}

/** Whether the pipeline is of a repository without a commit, or of a folder that is none: every job sees all of it. */
export function remarkOnCommit({ commit }: PipelineContext): string | null {
  if (!/^0+$/.test(commit.sha)) return null;
  return 'There is no git commit here: the jobs get the files as they lie in the folder, and an all-zero CI_COMMIT_SHA.';
}
