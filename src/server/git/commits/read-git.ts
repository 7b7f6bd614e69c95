import { AppError } from '../../../base/app-error.ts';
import { startServerGit } from '../git-process.ts';
import type { Repositories } from '../repositories.ts';

/**
 * What git prints about a repository of the server; null when it says no by its exit code 1, or has printed nothing.
 * Callers put `--end-of-options` or `--` before what others named.
 * @throws AppError `git-failed` when it cannot be asked, or prints more than `MAX_OUTPUT`.
 */
export async function readGit(
  repositories: Repositories,
  project: number,
  args: readonly string[],
): Promise<string | null> {
  const config = repositories.config(false, { mayPush: false, maxPushBytes: 0 });
  const git = startServerGit(['--git-dir', repositories.folderOf(project), ...args], config);
  git.child.stdin.end();
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of git.child.stdout) {
    if (!(chunk instanceof Buffer)) continue;
    bytes += chunk.length;
    if (bytes > MAX_OUTPUT) {
      git.end();
      break;
    }
    parts.push(chunk);
  }
  const code = await git.ended;
  if (code !== 0 && code !== 1) {
    throw new AppError('git-failed', `git ${args[0]} failed: ${git.complaint() || 'it printed too much'}.`);
  }
  const text = Buffer.concat(parts).toString('utf8');
  return code === 1 || text === '' ? null : text;
}

const MAX_OUTPUT = 64_000_000;
