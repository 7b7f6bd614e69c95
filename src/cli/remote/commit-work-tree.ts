import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import { foreignFiltersOff, runGit } from '../../base/git.ts';

/** The files of a working tree as a commit that no branch has, and whose new objects lie outside the repository. */
export interface WorkTreeCommit extends AsyncDisposable {
  readonly sha: string;
  /** The branch that is checked out; null: none is. */
  readonly branch: string | null;
  /** With these variables git finds the commit. */
  readonly environment: Readonly<Record<string, string>>;
  /** Paths of submodules: of each its checked-out commit is taken. */
  readonly submodules: readonly string[];
}

/**
 * Commits what is in a working tree, but for what git ignores, without changing anything in its repository: the index is
 * a copy, and new objects go to a folder of their own. Filters that the repository itself defines are not run.
 *
 * @throws AppError `no-repository`, `work-tree-not-read`.
 */
export async function commitWorkTree(root: string): Promise<WorkTreeCommit> {
  const [index, objects] = await Promise.all([gitPath(root, 'index'), gitPath(root, 'objects')]);
  const folder = await mkdtemp(join(tmpdir(), 'slipway-push-'));
  const clean = () => rm(folder, { recursive: true, force: true });
  try {
    const own = join(folder, 'objects');
    await mkdir(join(own, 'info'), { recursive: true });
    await writeFile(join(own, 'info', 'alternates'), `${objects}\n`);
    // Without it git would read every file to see whether it has changed. A repository without one is new.
    await copyFile(index, join(folder, 'index')).catch(() => undefined);
    const environment = { GIT_INDEX_FILE: join(folder, 'index'), GIT_OBJECT_DIRECTORY: own };
    const head = await runGit(root, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
    const parent = head.ok ? head.stdout.trim() : null;
    await add(root, environment);
    const tree = await printed(root, ['write-tree'], environment);
    const sha = await commit(root, tree, parent, environment);
    const branch = await runGit(root, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
    return {
      ...{ sha, environment },
      branch: branch.ok ? branch.stdout.trim() : null,
      submodules: await submodulesIn(root, environment),
      [Symbol.asyncDispose]: clean,
    };
  } catch (error) {
    await clean();
    throw error;
  }
}

async function gitPath(root: string, name: string): Promise<string> {
  const found = await runGit(root, ['rev-parse', '--git-path', name]);
  if (found.ok) return resolve(root, found.stdout.replace(/\n$/, ''));
  throw new AppError('no-repository', `${root} is in no git repository.`, {
    hint: 'A push needs one: git init, and a remote or --project.',
  });
}

type Environment = Readonly<Record<string, string>>;

async function add(root: string, environment: Environment): Promise<void> {
  const off = await foreignFiltersOff(root);
  const added = off.ok
    ? await runGit(
        root,
        [...off.config, '-c', 'advice.addEmbeddedRepo=false', 'add', '--all', '--', '.'],
        'utf8',
        environment,
      )
    : off;
  if (!added.ok) throw notRead(root, added.stderr);
}

async function commit(
  root: string,
  tree: string,
  parent: string | null,
  environment: Environment,
): Promise<string> {
  const [name, email] = await Promise.all([setting(root, 'user.name'), setting(root, 'user.email')]);
  const who = { name: name ?? 'Slipway', email: email ?? 'slipway@localhost' };
  const last = parent === null ? null : await runGit(root, ['log', '-1', '--format=%s', parent]);
  // A commit that asks for no pipeline was not asked about this one.
  const title = (last?.ok === true ? last.stdout : '')
    .replaceAll(/\[(?:ci[ -]skip|skip[ -]ci)\]/gi, '')
    .trim();
  const message = `${title === '' ? 'Working tree' : title.slice(0, 200)}\n\nThe working tree, as it was.`;
  return printed(root, ['commit-tree', ...(parent === null ? [] : ['-p', parent]), '-m', message, tree], {
    ...environment,
    ...{ GIT_AUTHOR_NAME: who.name, GIT_AUTHOR_EMAIL: who.email },
    ...{ GIT_COMMITTER_NAME: who.name, GIT_COMMITTER_EMAIL: who.email },
  });
}

async function setting(root: string, name: string): Promise<string | null> {
  const read = await runGit(root, ['config', '--get', name]);
  const text = read.ok ? read.stdout.trim() : '';
  return text === '' ? null : text;
}

async function submodulesIn(root: string, environment: Environment): Promise<readonly string[]> {
  const listed = await runGit(root, ['ls-files', '-z', '--stage'], 'utf8', environment);
  if (!listed.ok) return [];
  return listed.stdout
    .split('\0')
    .flatMap((entry) => (entry.startsWith('160000 ') ? [entry.slice(entry.indexOf('\t') + 1)] : []));
}

async function printed(root: string, args: readonly string[], environment: Environment): Promise<string> {
  const result = await runGit(root, args, 'utf8', environment);
  if (!result.ok) throw notRead(root, result.stderr);
  return result.stdout.trim();
}

function notRead(root: string, why: string): AppError {
  return new AppError('work-tree-not-read', `The files of ${root} cannot be committed: ${why.trim()}`);
}
