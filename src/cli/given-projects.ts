import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError } from '../base/app-error.ts';
import type { Io } from './io.ts';

/**
 * The folders that `--project group/name=FOLDER` names, by the paths of the projects; of two for one project the later
 * holds.
 *
 * @throws AppError `bad-option` when one is not of that form, or its folder is not there.
 */
export async function givenProjects(
  io: Io,
  options: { readonly project: readonly string[] },
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const text of options.project) {
    const at = text.indexOf('=');
    const [path, named] = [text.slice(0, at), text.slice(at + 1)];
    if (at === -1 || named === '' || !/^[^/\s]+(\/[^/\s]+)+$/.test(path)) {
      throw new AppError('bad-option', `--project ${text} must have the form group/name=FOLDER.`);
    }
    const folder = resolve(io.folder, named);
    const stats = await stat(folder).catch(() => null);
    if (stats?.isDirectory() !== true) {
      throw new AppError('bad-option', `--project ${path}: there is no folder ${folder}.`);
    }
    found.set(path, folder);
  }
  return found;
}
