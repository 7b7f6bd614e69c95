import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { AppError } from '../base/app-error.ts';

export interface ProjectOptions {
  /** `--repository`: a folder; null: the one the command was called in. */
  readonly repository?: string;
  /** `--file`: from that folder or from the top of the repository. */
  readonly file?: string;
  /** The file may be of any project: then it is that one. */
  readonly anywhere?: boolean;
}

export interface FoundProject {
  /** The top folder. */
  readonly root: string;
  /** The pipeline file, from the top folder, with `/`. */
  readonly file: string;
}

/**
 * The project is the git repository that the folder is in. A folder that was named and has the pipeline file itself is
 * a project too, also inside a larger repository: so an example can be run in place.
 *
 * @throws AppError `no-such-folder`, `no-pipeline-file`.
 */
export async function findProject(
  current: string,
  options: ProjectOptions,
  repositoryRoot: (folder: string) => Promise<string>,
): Promise<FoundProject> {
  const folder = resolve(current, options.repository ?? '.');
  if (!(await is('folder', folder))) throw new AppError('no-such-folder', `There is no folder ${folder}.`);
  const wanted = options.file ?? '.gitlab-ci.yml';
  const near = resolve(folder, wanted);
  const isNear = await is('file', near);
  if (isNear && options.repository !== undefined && isInside(folder, near)) return found(folder, near);

  const root = await repositoryRoot(folder);
  if (isNear && options.file !== undefined && isInside(root, near)) return found(root, near);
  if (isNear && options.anywhere === true) return found(await repositoryRoot(dirname(near)), near);
  const atTop = join(root, wanted);
  if (isInside(root, atTop) && (await is('file', atTop))) return found(root, atTop);
  throw new AppError('no-pipeline-file', missingText(wanted, folder, root, isNear), {
    hint: 'Create one, or name it with --file.',
  });
}

function found(root: string, path: string): FoundProject {
  return { root, file: relative(root, path).split(sep).join('/') };
}

function missingText(wanted: string, folder: string, root: string, isOutside: boolean): string {
  if (isOutside) return `${wanted} is not in the repository ${root}.`;
  return folder === root
    ? `There is no ${wanted} in ${root}.`
    : `There is no ${wanted} in ${folder} or ${root}.`;
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && !isAbsolute(way) && way.split(sep)[0] !== '..';
}

async function is(kind: 'file' | 'folder', path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => null);
  return (kind === 'file' ? stats?.isFile() : stats?.isDirectory()) === true;
}
