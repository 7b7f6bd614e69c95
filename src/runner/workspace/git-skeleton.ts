import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import { runGit } from '../../base/git.ts';
import type { GitRef, GitRepository } from './git-objects.ts';

/**
 * Makes the `.git` folder of a working copy as a runner's clone has it: HEAD detached at the commit, the branches as
 * those of `origin`, the tags, an index that holds the commit. Objects are borrowed (gitrepository-layout(5),
 * "alternates"), so this takes the same time for a large history as for a small one.
 *
 * It is written by hand and not by `git clone`: that would link or copy objects, and take over nothing hidden from it.
 */
export async function createGitFolder(
  folder: string,
  repository: GitRepository,
  commit: string,
): Promise<void> {
  const git = join(folder, '.git');
  for (const path of ['objects/info', 'refs/heads', 'refs/tags']) {
    await mkdir(join(git, path), { recursive: true });
  }
  const alternates = repository.objectFolders.map((path) => `${path}\n`).join('');
  await Promise.all([
    writeFile(join(git, 'HEAD'), `${commit}\n`),
    writeFile(join(git, 'config'), configText(repository)),
    writeFile(join(git, 'packed-refs'), packedRefs(repository.refs)),
    writeFile(join(git, 'objects', 'info', 'alternates'), alternates),
    repository.shallow === null ? null : writeFile(join(git, 'shallow'), repository.shallow),
  ]);
}

/**
 * Makes a finished working copy name its borrowed objects at paths that no job touches, and answers with what must be
 * shown there. Where they really lie is the person's to choose, /tmp for example, which a job may want to empty.
 */
export async function showObjectsAside(
  folder: string,
  repository: GitRepository,
): Promise<readonly { readonly folder: string; readonly shownAt: string }[]> {
  const references = repository.objectFolders.map((objects, index) => ({
    folder: objects,
    shownAt: `/var/lib/slipway-git-objects/${index}`,
  }));
  const alternates = references.map(({ shownAt }) => `${shownAt}\n`).join('');
  await writeFile(join(folder, '.git', 'objects', 'info', 'alternates'), alternates);
  return references;
}

/** Fills the index from the commit, with the state of the files that are there, so that jobs' git need not read them. */
export async function fillIndex(folder: string, commit: string): Promise<void> {
  const read = await runGit(folder, ['read-tree', '--end-of-options', commit]);
  if (!read.ok)
    throw new AppError('git-failed', `The files of ${commit} cannot be listed: ${read.stderr.trim()}`);
  // Answers 1 when files differ from the commit, which uncommitted changes do.
  await runGit(folder, ['update-index', '-q', '--refresh']);
}

/** Times and inodes of a file differ between this copy and a job's; its size and seconds do not. */
function configText(repository: GitRepository): string {
  const sha256 = repository.objectFormat === 'sha256';
  return [
    '[core]',
    `\trepositoryformatversion = ${sha256 ? 1 : 0}`,
    '\tfilemode = true',
    '\tbare = false',
    '\ttrustctime = false',
    '\tcheckStat = minimal',
    ...(sha256 ? ['[extensions]', '\tobjectFormat = sha256'] : []),
    ...(repository.originUrl === null
      ? []
      : [
          '[remote "origin"]',
          `\turl = ${quote(repository.originUrl)}`,
          '\tfetch = +refs/heads/*:refs/remotes/origin/*',
        ]),
    '',
  ].join('\n');
}

function quote(value: string): string {
  return `"${value.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

/** The person's branches are what a push would make of `origin`; what they know of it fills up the rest. */
function packedRefs(refs: readonly GitRef[]): string {
  const byName = new Map<string, GitRef>();
  for (const ref of refs) if (ref.name.startsWith('refs/remotes/origin/')) byName.set(ref.name, ref);
  byName.delete('refs/remotes/origin/HEAD');
  for (const ref of refs) {
    if (ref.name.startsWith('refs/tags/')) byName.set(ref.name, ref);
    else if (ref.name.startsWith('refs/heads/')) {
      byName.set(ref.name.replace('refs/heads/', 'refs/remotes/origin/'), ref);
    }
  }
  const lines = [...byName.entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, { object, peeled }]) => [
      `${object} ${name}`,
      ...(peeled === null ? [] : [`^${peeled}`]),
    ]);
  return ['# pack-refs with: peeled fully-peeled sorted ', ...lines, ''].join('\n');
}
