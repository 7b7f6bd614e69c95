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
  /** Pipeline files of other languages beside one that nobody named. */
  readonly others: readonly string[];
}

/**
 * Which file it is where nobody named one: the first of PIPELINE_FILES that is there.
 *
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
  if (options.file === undefined) return await findUnnamed(folder, options, repositoryRoot);
  const near = resolve(folder, options.file);
  const isNear = await is('file', near);
  if (isNear && options.repository !== undefined && isInside(folder, near)) return found(folder, near);

  const root = await repositoryRoot(folder);
  if (isNear && isInside(root, near)) return found(root, near);
  if (isNear && options.anywhere === true) return found(await repositoryRoot(dirname(near)), near);
  const atTop = join(root, options.file);
  if (isInside(root, atTop) && (await is('file', atTop))) return found(root, atTop);
  throw new AppError('no-pipeline-file', missingText(options.file, folder, root, isNear), {
    hint: 'Create one, or name it with --file.',
  });
}

async function findUnnamed(
  folder: string,
  options: ProjectOptions,
  repositoryRoot: (folder: string) => Promise<string>,
): Promise<FoundProject> {
  const { PIPELINE_FILES } = await import('../config/index.ts');
  const near = options.repository === undefined ? [] : await presentIn(folder, PIPELINE_FILES);
  const root = near.length > 0 ? folder : await repositoryRoot(folder);
  const [first, ...others] = near.length > 0 ? near : await presentIn(root, PIPELINE_FILES);
  if (first !== undefined) return { root, file: first, others };
  throw new AppError('no-pipeline-file', missingText('pipeline file', folder, root, false), {
    hint: `Create one (${PIPELINE_FILES.join(', ')}), or name it with --file.`,
  });
}

async function presentIn(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const present = await Promise.all(names.map((name) => is('file', join(folder, name))));
  return names.filter((_, index) => present[index]);
}

function found(root: string, path: string): FoundProject {
  return { root, file: relative(root, path).split(sep).join('/'), others: [] };
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
