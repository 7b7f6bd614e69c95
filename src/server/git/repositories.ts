import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import { isRefName } from '../../base/ref-name.ts';
import { startServerGit } from './git-process.ts';
import { createPushActivity, type PushActivity } from './maintenance/push-activity.ts';
import { UPDATE_HOOK } from './ref-rules.ts';
import { type RequestConfig, repositoryConfig } from './repository-config.ts';

/**
 * The bare repositories of a server, a folder each, named by the project's number: no name that a person chose is part
 * of a path, and a project that is renamed or moved keeps its folder.
 */
export interface Repositories {
  readonly root: string;
  /** Who pushes to them just now. */
  readonly activity: PushActivity;
  /** The folder of a project's repository, whether it is there or not. */
  folderOf(project: number): string;
  exists(project: number): Promise<boolean>;
  /** Makes an empty one, whole or not at all; one that is there stays as it is. */
  create(project: number, defaultBranch: string): Promise<void>;
  /** What a clone checks out. */
  setDefaultBranch(project: number, branch: string): Promise<void>;
  /** Gone for everybody at once, then from the disk. One that is not there is no error. */
  remove(project: number): Promise<void>;
  /** The configuration for a call. `asksAboutRefs`: with the hook of ref-rules.ts. */
  config(asksAboutRefs: boolean, rest: Omit<RequestConfig, 'hooks'>): ReturnType<typeof repositoryConfig>;
}

/**
 * Opens the folder, making it when it is new, and clears away what a killed server left half made or half removed.
 * @throws AppError `repositories-not-opened` when the folder cannot be made or written.
 */
export async function openRepositories(root: string, clock: Clock = systemClock): Promise<Repositories> {
  const work = join(root, '.work');
  const hooks = { none: join(root, '.hooks', 'none'), refs: join(root, '.hooks', 'refs') };
  const folderOf = (project: number): string => join(root, `${projectNumber(project)}.git`);
  try {
    await rm(work, { recursive: true, force: true });
    for (const folder of [work, hooks.none, hooks.refs])
      await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(hooks.refs, 'update.new'), UPDATE_HOOK, { mode: 0o755 });
    await rename(join(hooks.refs, 'update.new'), join(hooks.refs, 'update'));
  } catch (cause) {
    throw new AppError('repositories-not-opened', `The folder of repositories ${root} cannot be written.`, {
      hint: 'Look at its permissions and the disk.',
      cause,
    });
  }

  async function exists(project: number): Promise<boolean> {
    return (await stat(join(folderOf(project), 'HEAD')).catch(() => null)) !== null;
  }
  const config: Repositories['config'] = (asksAboutRefs, rest) =>
    repositoryConfig({ ...rest, hooks: asksAboutRefs ? hooks.refs : hooks.none });
  const own = config(false, { mayPush: false, maxPushBytes: 0 });

  return {
    root,
    activity: createPushActivity(clock.elapsed),
    folderOf,
    exists,
    config,
    async create(project, defaultBranch) {
      if (await exists(project)) return;
      const made = join(work, `${projectNumber(project)}-${randomUUID()}`);
      await runOrThrow(
        [
          ...['init', '--quiet', '--bare', '--template=', `--initial-branch=${branchName(defaultBranch)}`],
          ...['--end-of-options', made],
        ],
        own,
      );
      await syncFolders([made, join(made, 'refs')]);
      await rename(made, folderOf(project)).catch(async (cause: unknown) => {
        // Somebody else was faster.
        await rm(made, { recursive: true, force: true });
        if (!(await exists(project))) throw cause;
      });
      await syncFolders([root]);
    },
    async setDefaultBranch(project, branch) {
      const name = `refs/heads/${branchName(branch)}`;
      await runOrThrow(['--git-dir', folderOf(project), 'symbolic-ref', 'HEAD', name], own);
    },
    async remove(project) {
      const gone = join(work, `${projectNumber(project)}-${randomUUID()}`);
      try {
        await rename(folderOf(project), gone);
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
        throw error;
      }
      await syncFolders([root]);
      await rm(gone, { recursive: true, force: true });
    },
  };
}

/**
 * Puts on the disk that files are in these folders: git syncs what it writes, but not the folder that a file was renamed
 * into. A folder that is not there is passed over.
 */
export async function syncFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const handle = await open(folder, 'r').catch(() => null);
    try {
      await handle?.sync();
    } finally {
      await handle?.close();
    }
  }
}

/** The numbers of the projects that have a repository. */
export async function listRepositories(root: string): Promise<readonly number[]> {
  return (await readdir(root))
    .flatMap((name) => (/^[1-9][0-9]*\.git$/.test(name) ? [Number.parseInt(name, 10)] : []))
    .sort((one, other) => one - other);
}

function projectNumber(project: number): number {
  if (Number.isSafeInteger(project) && project > 0) return project;
  throw new RangeError(`A project's number is a positive integer, not ${project}.`);
}

function branchName(name: string): string {
  if (isRefName(name)) return name;
  throw new AppError('branch-name-invalid', `${JSON.stringify(name)} is no name of a branch.`);
}

async function runOrThrow(
  args: readonly string[],
  config: ReturnType<typeof repositoryConfig>,
): Promise<void> {
  const git = startServerGit(args, config);
  git.child.stdin.end();
  git.child.stdout.resume();
  if ((await git.ended) !== 0) throw new AppError('git-failed', `git ${args[0]} failed: ${git.complaint()}`);
}
