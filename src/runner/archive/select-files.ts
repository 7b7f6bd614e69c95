import type { Dirent } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { MAX_DEPTH } from './directory-cursor.ts';
import { readTrackedPaths } from './git-index.ts';
import { type OpenDirectory, openChild, openDirectory } from './open-directory.ts';
import {
  advanceGlob,
  type GlobState,
  isMatch,
  leadsOn,
  matchesPath,
  type PathGlob,
  parsePathGlob,
  startGlob,
} from './path-glob.ts';
import { toRelativePattern } from './relative-pattern.ts';
import { isSystemError } from './system-error.ts';

/** What to take from a workspace: one `artifacts` or `cache` entry. */
export interface FileRequest {
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  /** Also every file git does not track, ignored ones included. */
  readonly untracked: boolean;
}

export interface FileSelection {
  /**
   * Each at most once: of a directory first what is no directory, then one directory after the other, each followed by
   * what is below it. Other tar programs restore a directory's time when the archive leaves it.
   */
  readonly entries: readonly SelectedEntry[];
  /** How many entries each of the request's paths matched, exclusions taken off. */
  readonly paths: readonly PatternMatches[];
  /** How many entries each exclusion took off. */
  readonly exclude: readonly PatternMatches[];
  /** Null when untracked files were not asked for. */
  readonly untracked: number | null;
  /** What was left out, and why; sentences for the log. */
  readonly warnings: readonly string[];
}

export interface PatternMatches {
  readonly pattern: string;
  readonly count: number;
  /** Why the pattern was not looked for at all. */
  readonly problem: string | null;
}

export interface SelectedEntry {
  /** Relative to the project, `''` for the project itself; no `.` or `..` in it. */
  readonly directory: string;
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'symlink';
}

/**
 * Selects files as GitLab's runner does: globs relative to the project directory, a matched directory takes everything
 * below it, exclusions match whole paths, dot files are files, links are never followed. `.git` is not
 * included, unless `withGit` asks for the working copy as a whole.
 *
 * The tree is walked once for all requests, and only where one of them can match. It is the job's, and may change
 * meanwhile: what vanishes is not selected.
 *
 * @param projectDir the workspace's path as the job sees it; absolute patterns may start with it.
 */
export async function selectFiles(request: {
  readonly workspace: string;
  readonly projectDir?: string;
  readonly requests: readonly FileRequest[];
  readonly withGit?: boolean;
  readonly signal: AbortSignal;
}): Promise<readonly FileSelection[]> {
  const projectDirs = [request.projectDir ?? request.workspace, request.workspace];
  const selectors = request.requests.map((one) => prepareSelector(one, projectDirs));
  let root: OpenDirectory;
  try {
    root = await openDirectory(request.workspace);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) throw error;
    for (const selector of selectors) warn(selector, `the project directory cannot be read (${error.code})`);
    return selectors.map(finish);
  }
  try {
    const walk: Walk = {
      signal: request.signal,
      withGit: request.withGit ?? false,
      tracked: selectors.some((selector) => selector.wantsUntracked) ? await readTrackedPaths(root) : null,
    };
    const tasks = selectors.map(startTask);
    if (tasks.some(mayMatchBelow)) await walkDirectory(walk, root, '', 0, tasks);
  } finally {
    await root[Symbol.asyncDispose]();
  }
  return selectors.map(finish);
}

interface Walk {
  readonly signal: AbortSignal;
  readonly withGit: boolean;
  /** Null: no index, everything counts as untracked. */
  readonly tracked: ReadonlySet<string> | null;
}

/** One request, its globs compiled, and what was found for it so far. */
interface Selector {
  readonly paths: readonly Counter[];
  readonly exclude: readonly Counter[];
  readonly wantsUntracked: boolean;
  readonly entries: SelectedEntry[];
  untracked: number;
  readonly warnings: string[];
  unlistedWarnings: number;
}

interface Counter {
  readonly pattern: string;
  readonly glob: PathGlob | null;
  readonly problem: string | null;
  count: number;
}

/** Where a request stands in one directory. */
interface Task {
  readonly selector: Selector;
  /** By path of the request; `below`: an ancestor matched, so all of it does. */
  readonly states: readonly (GlobState | 'below')[];
  readonly untracked: boolean;
}

async function walkDirectory(
  walk: Walk,
  directory: OpenDirectory,
  path: string,
  depth: number,
  inherited: readonly Task[],
): Promise<void> {
  walk.signal.throwIfAborted();
  const listed = await listSorted(directory, path, inherited);
  const tasks = depth > 0 && listed.some(isGitFolder) ? inNestedRepository(path, inherited) : inherited;
  const subdirectories: { readonly name: string; readonly path: string; readonly tasks: readonly Task[] }[] =
    [];
  for (const entry of listed) {
    if (depth === 0 && !walk.withGit && isGitFolder(entry)) continue;
    const entryPath = path === '' ? entry.name : `${path}/${entry.name}`;
    const kind = await kindOf(entry, directory);
    const next = tasks.map((task) => advanceTask(task, entry.name));
    if (kind === 'directory') subdirectories.push({ name: entry.name, path: entryPath, tasks: next });
    else for (const task of next) visit(walk, task, path, entry.name, entryPath, kind);
  }
  for (const below of subdirectories) {
    for (const task of below.tasks) visit(walk, task, path, below.name, below.path, 'directory');
    const interested = below.tasks.filter(mayMatchBelow);
    if (interested.length === 0) continue;
    if (depth >= MAX_DEPTH) {
      for (const { selector } of interested)
        warn(selector, `${below.path}: too deep in directories, skipped`);
      continue;
    }
    const child = await openOrWarn(directory, below.name, below.path, interested);
    if (child === null) continue;
    try {
      await walkDirectory(walk, child, below.path, depth + 1, interested.map(enterTask));
    } finally {
      await child[Symbol.asyncDispose]();
    }
  }
}

function visit(
  walk: Walk,
  task: Task,
  directory: string,
  name: string,
  path: string,
  kind: SelectedEntry['kind'] | 'special' | 'vanished',
): void {
  if (kind === 'vanished') return;
  const { selector } = task;
  const matching = selector.paths.filter((_, index) => {
    const state = task.states[index];
    return state === 'below' || (state !== undefined && isMatch(state));
  });
  const untracked = task.untracked && kind !== 'directory' && !(walk.tracked?.has(path) ?? false);
  if (matching.length === 0 && !untracked) return;
  const exclusion = selector.exclude.find(({ glob }) => glob !== null && matchesPath(glob, path));
  if (exclusion !== undefined) {
    exclusion.count += 1;
  } else if (kind === 'special') {
    warn(selector, `${path}: neither a file, a directory nor a symbolic link, skipped`);
  } else if (name.includes(REPLACEMENT_CHARACTER)) {
    warn(selector, `${path}: the name is not valid UTF-8, skipped`);
  } else {
    for (const counter of matching) counter.count += 1;
    if (untracked) selector.untracked += 1;
    selector.entries.push({ directory, name, kind });
  }
}

/** What Node puts in place of bytes that are not UTF-8; a file of such a name cannot be opened by it. */
const REPLACEMENT_CHARACTER = '\ufffd';

function prepareSelector(request: FileRequest, projectDirs: readonly string[]): Selector {
  return {
    paths: request.paths.map((pattern) => prepareCounter(pattern, projectDirs)),
    exclude: request.exclude.map((pattern) => prepareCounter(pattern, projectDirs)),
    wantsUntracked: request.untracked,
    entries: [],
    untracked: 0,
    warnings: [],
    unlistedWarnings: 0,
  };
}

function prepareCounter(pattern: string, projectDirs: readonly string[]): Counter {
  const refused = (problem: string): Counter => ({ pattern, glob: null, problem, count: 0 });
  if (pattern === '') return refused('the path is empty');
  if (pattern.length > MAX_PATTERN_LENGTH) return refused(`longer than ${MAX_PATTERN_LENGTH} characters`);
  const relative = toRelativePattern(pattern, projectDirs);
  if (relative === null) return refused('not inside the project directory');
  if (/^\.git(\/|$)/i.test(relative)) return refused("git's own folder is never included");
  const parsed = parsePathGlob(relative);
  return parsed.kind === 'bad'
    ? refused(parsed.reason)
    : { pattern, glob: parsed.glob, problem: null, count: 0 };
}

const MAX_PATTERN_LENGTH = 4_096;

function startTask(selector: Selector): Task {
  return {
    selector,
    states: selector.paths.map(({ glob }) => (glob === null ? NO_STATE : orBelow(startGlob(glob)))),
    untracked: selector.wantsUntracked,
  };
}

const NO_STATE: GlobState = { positions: [] };

function advanceTask(task: Task, name: string): Task {
  return {
    ...task,
    states: task.states.map((state) => (state === 'below' ? state : advanceGlob(state, name))),
  };
}

/** The task as seen from inside the directory it has advanced into. */
function enterTask(task: Task): Task {
  return { ...task, states: task.states.map((state) => (state === 'below' ? state : orBelow(state))) };
}

function orBelow(state: GlobState): GlobState | 'below' {
  return isMatch(state) ? 'below' : state;
}

function mayMatchBelow(task: Task): boolean {
  return task.untracked || task.states.some((state) => state === 'below' || isMatch(state) || leadsOn(state));
}

/** A repository inside the repository is one entry to git, not its files. */
function inNestedRepository(path: string, tasks: readonly Task[]): Task[] {
  return tasks.map((task) => {
    if (!task.untracked) return task;
    warn(task.selector, `${path}: a git repository of its own, its files do not count as untracked`);
    return { ...task, untracked: false };
  });
}

function isGitFolder(entry: Dirent): boolean {
  return entry.name.toLowerCase() === '.git';
}

async function listSorted(
  directory: OpenDirectory,
  path: string,
  tasks: readonly Task[],
): Promise<readonly Dirent[]> {
  try {
    const entries = await directory.list();
    return entries.sort((left, right) => (left.name < right.name ? -1 : 1));
  } catch (error) {
    reportUnreadable(error, path, tasks);
    return [];
  }
}

async function openOrWarn(
  parent: OpenDirectory,
  name: string,
  path: string,
  tasks: readonly Task[],
): Promise<OpenDirectory | null> {
  try {
    return await openChild(parent, name);
  } catch (error) {
    reportUnreadable(error, path, tasks);
    return null;
  }
}

function reportUnreadable(error: unknown, path: string, tasks: readonly Task[]): void {
  if (!isSystemError(error)) throw error;
  // Gone, or turned into something else since it was listed: then it is as if it had never been there.
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'ELOOP') return;
  for (const task of tasks)
    warn(task.selector, `${path === '' ? '.' : path}: cannot be read (${error.code})`);
}

async function kindOf(
  entry: Dirent,
  directory: OpenDirectory,
): Promise<SelectedEntry['kind'] | 'special' | 'vanished'> {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  if (entry.isSymbolicLink()) return 'symlink';
  if (entry.isFIFO() || entry.isSocket() || entry.isBlockDevice() || entry.isCharacterDevice())
    return 'special';
  // Some file systems do not say in the listing.
  try {
    const stat = await lstat(directory.at(entry.name));
    if (stat.isFile()) return 'file';
    if (stat.isDirectory()) return 'directory';
    return stat.isSymbolicLink() ? 'symlink' : 'special';
  } catch (error) {
    if (isSystemError(error)) return 'vanished';
    throw error;
  }
}

/** A hostile tree must not make the log its victim. */
const MAX_WARNINGS = 20;

function warn(selector: Selector, warning: string): void {
  if (selector.warnings.length < MAX_WARNINGS) selector.warnings.push(warning);
  else selector.unlistedWarnings += 1;
}

function finish(selector: Selector): FileSelection {
  const { entries, paths, exclude, warnings, unlistedWarnings } = selector;
  return {
    entries,
    paths: paths.map(toMatches),
    exclude: exclude.map(toMatches),
    untracked: selector.wantsUntracked ? selector.untracked : null,
    warnings: unlistedWarnings === 0 ? warnings : [...warnings, `and ${unlistedWarnings} more like these`],
  };
}

function toMatches({ pattern, count, problem }: Counter): PatternMatches {
  return { pattern, count, problem };
}
