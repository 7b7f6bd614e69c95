import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../base/app-error.ts';
import { type GitResult, runGit } from '../base/git.ts';

/**
 * What git says about the repository that a folder is in. The questions are under way when this is made, so whoever
 * asks early has the answers by the time everything else is loaded: starting git is most of what a short command does.
 */
export interface RepositoryAnswers {
  /** The top folder; the folder itself when it is in no repository. */
  readonly root: Promise<string>;
  /** The full name of the branch at HEAD; null when a commit and not a branch is checked out. */
  readonly branch: Promise<string | null>;
  /**
   * Hash, author, time and message of the commit, separated by NUL, the message as git has it; null when there is no
   * commit. Fails when it is damaged.
   */
  readonly head: Promise<string | null>;
  readonly commitCount: Promise<number>;
  /** Settings by their key: `user.name`, `user.email`, `remote.origin.url`. */
  readonly settings: Promise<ReadonlyMap<string, string>>;
}

/** `revision`: the commit that is asked about, when it is not the one checked out. */
export function askRepository(folder: string, revision = 'HEAD'): RepositoryAnswers {
  const place = askPlace(folder);
  const root = place.then((found) => found.root);
  const branch = place.then((found) => found.branch);
  // Who awaits an answer hears of its failure; one that nobody awaits must not end the process.
  const head = askCommit(folder, revision);
  for (const asked of [root, branch, head]) asked.catch(() => undefined);
  return {
    root,
    branch,
    head,
    commitCount: answer(folder, ['rev-list', '--count', '--end-of-options', revision]).then((count) =>
      Number(count ?? 1),
    ),
    settings: askSettings(folder),
  };
}

/**
 * The top folder of the repository that `folder` is in; the folder itself when it is in none.
 * @throws AppError `git-failed` when git refuses the repository because it is somebody else's: to go on as if there
 *   were none would run another pipeline, with files that git ignores.
 */
export async function repositoryRoot(folder: string): Promise<string> {
  const top = await runGit(folder, ['rev-parse', '--show-toplevel']);
  if (!top.ok && top.stderr.includes('safe.directory')) {
    throw new AppError(
      'git-failed',
      `The repository of ${folder} belongs to another user, so git refuses it.`,
      {
        hint: `If you trust it: git config --global --add safe.directory ${folder}`,
      },
    );
  }
  return printed(top) ?? folder;
}

/**
 * @throws AppError `git-failed` when there should be a commit and it cannot be read: without one the jobs would run on
 *   other files than those of the repository.
 */
async function askCommit(folder: string, revision: string): Promise<string | null> {
  const shown = await runGit(folder, [
    ...['log', '-1', '--format=%H%x00%an <%ae>%x00%cI%x00%B'],
    // Without a name git says of a repository without commits that it has none.
    ...(revision === 'HEAD' ? [] : ['--end-of-options', revision]),
  ]);
  if (shown.ok) return shown.stdout.replace(/\n$/, '');
  const why = shown.stderr.trim();
  if (why.includes('does not have any commits yet') || why.includes('safe.directory')) return null;
  // git takes a folder whose HEAD names nothing for none of its own.
  const isNone = why.includes('not a git repository') || shown.exitCode === null;
  if (isNone && !existsSync(join(folder, '.git', 'HEAD'))) return null;
  throw new AppError(
    'git-failed',
    `The repository of ${folder} is damaged: its HEAD cannot be read (${why}).`,
    {
      hint: 'git fsck and git reflog show what is left. Check out a branch that is whole.',
    },
  );
}

interface Place {
  readonly root: string;
  readonly branch: string | null;
}

async function askPlace(folder: string): Promise<Place> {
  const both = await answer(folder, ['rev-parse', '--show-toplevel', '--symbolic-full-name', 'HEAD']);
  if (both === null) return placeWithoutCommit(folder);
  const end = both.lastIndexOf('\n');
  const branch = both.slice(end + 1);
  return { root: both.slice(0, end), branch: branch === 'HEAD' ? null : branch };
}

/** In a repository without commits HEAD names a branch that is not there yet. */
async function placeWithoutCommit(folder: string): Promise<Place> {
  const [root, branch] = await Promise.all([
    repositoryRoot(folder),
    answer(folder, ['symbolic-ref', '--quiet', 'HEAD']),
  ]);
  return { root, branch };
}

async function askSettings(folder: string): Promise<ReadonlyMap<string, string>> {
  const pattern = String.raw`^(user\.name|user\.email|remote\.origin\.url)$`;
  const listed = await answer(folder, ['config', '--null', '--get-regexp', pattern]);
  const settings = new Map<string, string>();
  // From the system's to the repository's own: the last one of a key holds.
  for (const setting of listed?.split('\0') ?? []) {
    const end = setting.indexOf('\n');
    if (end !== -1) settings.set(setting.slice(0, end), setting.slice(end + 1));
  }
  return settings;
}

export interface Ref {
  readonly commit: string;
  /** The ref that a symbolic one stands for. */
  readonly symbolic: string | null;
  /** The ref that a branch follows. */
  readonly upstream: string | null;
}

/** Those of the refs (full names) that are there. */
export async function readRefs(folder: string, names: readonly string[]): Promise<ReadonlyMap<string, Ref>> {
  const listed = await answer(folder, ['for-each-ref', `--format=${REF_FORMAT}`, '--', ...names]);
  const refs = new Map<string, Ref>();
  for (const line of listed?.split('\n') ?? []) {
    const [name = '', commit = '', symbolic = '', upstream = ''] = line.split('\0');
    refs.set(name, {
      commit,
      symbolic: symbolic === '' ? null : symbolic,
      upstream: upstream === '' ? null : upstream,
    });
  }
  return refs;
}

const REF_FORMAT = ['refname', 'objectname', 'symref', 'upstream'].map((field) => `%(${field})`).join('%00');

/** The message of an annotated tag, without the signature; null for another tag, and for none. */
export async function readTagMessage(folder: string, tag: string): Promise<string | null> {
  const fields = ['refname', 'objecttype', 'contents:signature', 'contents'].map((field) => `%(${field})`);
  const name = `refs/tags/${tag}`;
  const format = `--format=${fields.join('%00')}`;
  const shown = await answer(folder, ['for-each-ref', '--count=1', format, '--', name]);
  const [found, type, signature = '', message = ''] = shown?.split('\0') ?? [];
  if (found !== name || type !== 'tag') return null;
  const end = signature === '' ? -1 : message.indexOf(signature.trimEnd());
  return (end === -1 ? message : message.slice(0, end)).trimEnd();
}

/** The commit of a branch: as the remote has it, else as it is here; null when there is none of this name. */
export async function commitOfBranch(folder: string, branch: string): Promise<string | null> {
  return (
    (await commitOf(folder, `refs/remotes/origin/${branch}`)) ?? commitOf(folder, `refs/heads/${branch}`)
  );
}

/** The commit of a revision; null when there is none. */
export async function commitOf(folder: string, revision: string): Promise<string | null> {
  return answer(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]);
}

/** The commit where two went different ways; null when they have none in common. */
export async function mergeBaseOf(folder: string, one: string, other: string): Promise<string | null> {
  return answer(folder, ['merge-base', '--end-of-options', one, other]);
}

/** What git printed, trimmed at the end; null when it failed or printed nothing. */
export async function answer(folder: string, args: readonly string[]): Promise<string | null> {
  return printed(await runGit(folder, args));
}

export function printed(result: GitResult): string | null {
  if (!result.ok) return null;
  const text = result.stdout.trimEnd();
  return text === '' ? null : text;
}
