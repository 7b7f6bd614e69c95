import { AppError } from '../../base/app-error.ts';
import { MAX_DEPTH } from './directory-cursor.ts';

const MAX_PATH_BYTES = 4_096;

/**
 * The components of an entry's name, relative to where an archive is unpacked; none for the folder itself. What an
 * archive says is never trusted: it may come from another job, another machine, another user.
 *
 * @throws AppError archive-unsafe-entry for a name that leads out of the folder or, unless `withGit`, into git's own.
 */
export function parseEntryPath(name: string, withGit = false): readonly string[] {
  if (name.startsWith('/')) throw unsafeEntry(name, 'its name is absolute');
  if (name.includes('\0')) throw unsafeEntry(name, 'its name has a NUL in it');
  if (Buffer.byteLength(name) > MAX_PATH_BYTES) {
    throw unsafeEntry(name, `its name is longer than ${MAX_PATH_BYTES} bytes`);
  }
  const components = name.split('/').filter((component) => component !== '' && component !== '.');
  if (components.includes('..')) throw unsafeEntry(name, 'its name leads upwards (..)');
  if (components.length > MAX_DEPTH) throw unsafeEntry(name, `it is more than ${MAX_DEPTH} directories deep`);
  // A .git/config can name programs that git starts. Some file systems do not tell .GIT from .git.
  if (!withGit && components[0]?.toLowerCase() === '.git')
    throw unsafeEntry(name, "it would write into git's own folder");
  return components;
}

export function unsafeEntry(name: string, reason: string): AppError {
  return new AppError('archive-unsafe-entry', `The archive's entry ${shown(name)} was refused: ${reason}.`, {
    hint: 'Nothing of it was written. Make the archive anew, and find out who made this one.',
  });
}

/** A name of an archive may hold anything, terminal control sequences too. */
function shown(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);
}
