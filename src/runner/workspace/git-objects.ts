import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import { runGit } from '../../base/git.ts';

/** What a working copy needs to know of the repository it is made from. */
export interface GitRepository {
  /** The folders that hold its objects: its own first, then those it borrows from. Absolute. */
  readonly objectFolders: readonly string[];
  readonly objectFormat: 'sha1' | 'sha256';
  /** The `shallow` file's text; null for a complete history. */
  readonly shallow: string | null;
  /** All references with the objects they name; tags with what they point to. */
  readonly refs: readonly GitRef[];
  /** Where it was cloned from, without a user or password; null when nowhere. */
  readonly originUrl: string | null;
}

export interface GitRef {
  readonly name: string;
  readonly object: string;
  /** What an annotated tag points to. */
  readonly peeled: string | null;
}

/**
 * Reads a repository; null when the folder is not (in) one. Jobs see what is found here, so what the repository says of
 * itself is not believed: links and `alternates` of a hostile one would show jobs a file or a folder of the person's.
 */
export async function readGitRepository(folder: string): Promise<GitRepository | null> {
  const paths = await runGit(folder, [
    ...['rev-parse', '--show-object-format'],
    ...['--git-path', 'objects', '--git-path', 'shallow'],
  ]);
  if (!paths.ok) return null;
  const [format, objects = '', shallow = ''] = paths.stdout.trimEnd().split('\n');
  const [refs, origin] = await Promise.all([
    runGit(folder, ['for-each-ref', '--format=%(objectname) %(*objectname) %(refname)']),
    runGit(folder, ['config', '--get', 'remote.origin.url']),
  ]);
  if (!refs.ok)
    throw new AppError('git-failed', `The references of ${folder} cannot be read: ${refs.stderr.trim()}`);
  const objectFolders = await withAlternates(resolve(folder, objects));
  if (objectFolders.length === 0)
    throw new AppError('git-failed', `${resolve(folder, objects)} is not the objects folder of a repository`);
  return {
    objectFolders,
    objectFormat: format === 'sha256' ? 'sha256' : 'sha1',
    shallow: await readShallow(resolve(folder, shallow)),
    refs: parseRefs(refs.stdout),
    originUrl: origin.ok ? withoutCredentials(origin.stdout.trim()) : null,
  };
}

function parseRefs(text: string): readonly GitRef[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [object = '', peeled = '', ...name] = line.split(' ');
      return { name: name.join(' '), object, peeled: peeled === '' ? null : peeled };
    });
}

/** The ids of commits, a line each. */
async function readShallow(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  return text !== null && /^([0-9a-f]{40,64}\n)*$/.test(text) ? text : null;
}

/** gitrepository-layout(5): `objects/info/alternates` names further object folders, a line each, `#` for comments. */
async function withAlternates(
  path: string,
  known: ReadonlySet<string> = new Set(),
): Promise<readonly string[]> {
  const objects = await realpath(path).catch(() => null);
  if (objects === null || known.has(objects) || !(await isOfRepository(objects))) return [];
  const text = await readFile(join(objects, 'info', 'alternates'), 'utf8').catch(() => '');
  const found = [objects];
  for (const line of text.split('\n').filter((entry) => entry !== '' && !entry.startsWith('#'))) {
    const folder = isAbsolute(line) ? line : resolve(objects, line);
    found.push(...(await withAlternates(folder, new Set([...known, ...found]))));
  }
  return [...new Set(found)];
}

/** A repository's folder of objects lies beside its HEAD. */
async function isOfRepository(objects: string): Promise<boolean> {
  const head = await stat(join(dirname(objects), 'HEAD')).catch(() => null);
  return basename(objects) === 'objects' && head?.isFile() === true;
}

/** A token in a remote's address is the person's, not the job's. */
function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}
