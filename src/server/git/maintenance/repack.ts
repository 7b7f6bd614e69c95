import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../base/app-error.ts';
import { startServerGit } from '../git-process.ts';
import type { Repositories } from '../repositories.ts';

/**
 * What looking after a repository takes, from what stands in its folders: nothing that costs more than a list of files.
 * Each push leaves one pack, and each ref a file of its own.
 */
export async function neededTasks(folder: string): Promise<readonly (readonly string[])[]> {
  const packs = (await namesIn(join(folder, 'objects', 'pack'))).filter((name) => name.endsWith('.pack'));
  const tasks: (readonly string[])[] = [];
  if (packs.length > MOST_PACKS) tasks.push(REPACK, COMMIT_GRAPH);
  // Of a large history that came in one push, too: who asks where two branches parted would walk through all of it.
  else if (await lacksCommitGraph(folder, packs)) tasks.push(COMMIT_GRAPH);
  if (await hasMoreRefs(folder, MOST_LOOSE_REFS)) tasks.push(PACK_REFS);
  return tasks;
}

const MOST_PACKS = 20;
const LARGE_BYTES = 10_000_000;
const MOST_LOOSE_REFS = 200;

/**
 * Packs are joined so that each is twice as large as the next: a byte is copied a few times in all, and not at each time.
 * Objects that no ref leads to stay: what a pipeline once ran can be run again.
 */
const REPACK = ['repack', '--geometric=2', '-d', '-l', '-q'] as const;
const COMMIT_GRAPH = ['commit-graph', 'write', '--reachable', '--split', '--no-progress'] as const;
const PACK_REFS = ['pack-refs', '--all'] as const;

/**
 * Runs one task; false: it was interrupted by the signal, and git has cleaned up behind it.
 * @throws AppError `git-failed`
 */
export async function runTask(
  repositories: Repositories,
  project: number,
  task: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  if (signal.aborted) return false;
  const config = repositories.config(false, { mayPush: false, maxPushBytes: 0 });
  const git = startServerGit(['--git-dir', repositories.folderOf(project), ...task], config);
  const interrupt = (): void => git.end();
  signal.addEventListener('abort', interrupt);
  git.child.stdin.end();
  git.child.stdout.resume();
  const code = await git.ended;
  signal.removeEventListener('abort', interrupt);
  if (code === 0) return true;
  if (signal.aborted) return false;
  throw new AppError('git-failed', `git ${task[0]} failed: ${git.complaint()}`);
}

async function lacksCommitGraph(folder: string, packs: readonly string[]): Promise<boolean> {
  const info = join(folder, 'objects', 'info');
  const names = [...(await namesIn(info)), ...(await namesIn(join(info, 'commit-graphs')))];
  if (names.some((name) => name === 'commit-graph' || name === 'commit-graph-chain')) return false;
  const sizes = packs.map(async (name) => (await stat(join(folder, 'objects', 'pack', name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) > LARGE_BYTES;
}

async function hasMoreRefs(folder: string, most: number): Promise<boolean> {
  const folders = [join(folder, 'refs')];
  let count = 0;
  for (let next = folders.pop(); next !== undefined && count <= most; next = folders.pop()) {
    for (const entry of await readdir(next, { withFileTypes: true }).catch(() => [])) {
      if (entry.isDirectory()) folders.push(join(next, entry.name));
      else count++;
    }
  }
  return count > most;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
