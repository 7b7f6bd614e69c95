import { AppError } from '../../../base/app-error.ts';
import type { GitObjects } from './objects.ts';
import { eachLevel } from './tree.ts';

/**
 * The paths of all files and symbolic links below a tree, sorted; read folder by folder through the process that is open
 * anyway. A few objects can stand for more files than there are atoms, so there is an end to it.
 * @throws AppError `too-many-files`, and `git-failed`.
 */
export async function listFiles(objects: GitObjects, root: string): Promise<readonly string[]> {
  const files: string[] = [];
  let seen = 0;
  let characters = 0;
  await eachLevel(objects, [{ prefix: '', id: root }], async ({ prefix, id }, read) => {
    const entries = await read(id);
    seen += entries.length;
    if (seen > MAX_ENTRIES || characters > MAX_CHARACTERS) throw tooMany();
    return entries.flatMap(({ kind, name, id: below }) => {
      characters += prefix.length + name.length;
      if (kind === 'folder') return [{ prefix: `${prefix}${name}/`, id: below }];
      if (kind !== 'module') files.push(`${prefix}${name}`);
      return [];
    });
  });
  return files.sort();
}

/** More than the largest repositories that people work in. */
const MAX_ENTRIES = 600_000;
const MAX_CHARACTERS = 60_000_000;

function tooMany(): AppError {
  return new AppError('too-many-files', `The commit has more than ${MAX_ENTRIES} files and folders.`, {
    hint: 'Only wildcards in `include` and `exists` make it necessary to list them.',
  });
}
