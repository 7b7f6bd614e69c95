import { AppError } from '../base/app-error.ts';
import { runGit } from '../base/git.ts';
import { type MergeRequestContext, splitMessage } from '../config/index.ts';
import { answer, commitOfBranch } from './repository.ts';

/** The two branches of a merge request, and where the one left the other. */
export interface MergedBranches {
  readonly sourceBranch: string;
  readonly targetBranch: string;
  readonly targetSha: string;
  readonly baseSha: string;
}

/** @throws AppError `no-target-branch` */
export async function readMergedBranches(
  folder: string,
  sourceBranch: string,
  targetBranch: string,
): Promise<MergedBranches> {
  const targetSha = await commitOfBranch(folder, targetBranch);
  if (targetSha === null) {
    throw new AppError(
      'no-target-branch',
      `The merge request's target branch '${targetBranch}' is not in this repository.`,
      { hint: 'Fetch it, or name another with --target.' },
    );
  }
  const base = await answer(folder, ['merge-base', '--end-of-options', targetSha, 'HEAD']);
  return { sourceBranch, targetBranch, targetSha, baseSha: base ?? targetSha };
}

/**
 * The merge request that GitLab would offer to create for these branches: its title and description are those of its
 * only commit, else of the oldest commit with a description; without one the branch's name is the title
 * (app/services/merge_requests/build_service.rb). Labels and what else only a server knows it has none.
 */
export async function describeMergeRequest(
  folder: string,
  { sourceBranch, targetBranch, targetSha, baseSha }: MergedBranches,
): Promise<MergeRequestContext> {
  return {
    iid: 1,
    ...proposedText(await readMessages(folder, targetSha), sourceBranch),
    sourceBranch,
    targetBranch,
    targetBranchSha: targetSha,
    diffBaseSha: baseSha,
    labels: [],
  };
}

interface Message {
  readonly text: string;
  readonly isMerge: boolean;
}

/** Of the commits that the target does not have, the newest first. */
async function readMessages(folder: string, target: string): Promise<readonly Message[]> {
  const log = await runGit(folder, [
    ...['log', `--max-count=${MOST_COMMITS}`, '--format=%P%x00%B%x00'],
    ...['--end-of-options', `${target}..HEAD`],
  ]);
  if (!log.ok) return [];
  const fields = log.stdout.split('\0');
  return Array.from({ length: Math.floor(fields.length / 2) }, (_, at) => ({
    isMerge: (fields[2 * at] ?? '').trim().includes(' '),
    text: fields[2 * at + 1] ?? '',
  }));
}

/** As many as GitLab looks at. */
const MOST_COMMITS = 100;

function proposedText(
  messages: readonly Message[],
  branch: string,
): { readonly title: string; readonly description: string } {
  const chosen =
    messages.length === 1
      ? messages[0]
      : messages.findLast(({ isMerge, text }) => !isMerge && splitMessage(text).description.trim() !== '');
  if (chosen === undefined) return { title: titleOfBranch(branch), description: '' };
  const { title, description } = splitMessage(chosen.text);
  return { title: shortened(title), description: description.trim() };
}

/** As app/models/commit.rb cuts a title: before 78 characters, at a space if there is one. */
function shortened(title: string): string {
  const characters = [...title];
  if (characters.length < 100) return title;
  const space = characters.lastIndexOf(' ', 78);
  return `${characters.slice(0, space > 0 ? space : 78).join('')}...`;
}

/** `feature/new-login` is `Feature/new login`. */
function titleOfBranch(branch: string): string {
  const words = branch
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[-_]+/g, ' ')
    .toLowerCase()
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
