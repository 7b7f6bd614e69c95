import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { contextForRun, openSources, repositoryRoot } from '../../local/index.ts';
import { openProject, type Project } from './project.ts';

/** Finds the project of every file that the editor has open. */
export interface Workspace {
  readonly projects: ReadonlyMap<string, Project>;
  /** null: no file on this machine. */
  locate(uri: string): Promise<Located | null>;
  uriOf(project: Project, path: string): string;
  /** Files on disk, or repositories, may have changed. */
  refresh(): void;
}

export interface Located {
  readonly project: Project;
  /** From the project's root, with `/`. */
  readonly path: string;
}

export interface WorkspaceOptions {
  /** The pipeline file from the top of the repository. */
  readonly mainFile: string;
  readonly now: () => Date;
  readonly environment: NodeJS.ProcessEnv;
  /** Things a person should know, such as a damaged lock file. */
  readonly warn: (message: string) => void;
}

/** @throws AppError `git-failed` from `locate` for a repository that git refuses. */
export function openWorkspace({ mainFile, now, environment, warn }: WorkspaceOptions): Workspace {
  const projects = new Map<string, Project>();
  const tops = new Map<string, Promise<string>>();
  const located = new Map<string, Promise<Located | null>>();

  /** Of two who ask for the same project at once, both get the one that was there first. */
  async function projectAt(root: string, file: string): Promise<Project> {
    const known = projects.get(root);
    if (known !== undefined) return known;
    const askContext = () => contextForRun({ ...CONTEXT, repository: root, configPath: file, now: now() });
    const { project } = await askContext();
    const elsewhere = { ...ELSEWHERE, root, ownPath: project.path, environment, warn };
    const opened = openProject({
      root,
      mainFile: file,
      openSources: () => openSources(elsewhere),
      askContext,
    });
    const first = projects.get(root) ?? opened;
    projects.set(root, first);
    return first;
  }

  async function find(uri: string): Promise<Located | null> {
    const file = realFile(uri);
    if (file === null) return null;
    const folder = dirname(file);
    const top = tops.get(folder) ?? repositoryRoot(folder);
    tops.set(folder, top);
    const root = realPath(await top) ?? folder;
    const outer = await projectAt(root, mainFile);
    for (const nested of [...foldersBetween(root, folder)].filter(hasPipelineFile)) {
      const inner = await projectAt(nested, PIPELINE_FILE);
      const isMember = (project: Project) => leadsTo(project, pathIn(project.root, file));
      if (!(await isMember(outer)) && (basename(file) === PIPELINE_FILE || (await isMember(inner)))) {
        return { project: inner, path: pathIn(nested, file) };
      }
    }
    return { project: outer, path: pathIn(root, file) };
  }

  return {
    projects,
    locate(uri) {
      const known = located.get(uri) ?? find(uri);
      located.set(uri, known);
      known.catch(() => located.delete(uri));
      return known;
    },
    uriOf: (project, path) => pathToFileURL(join(project.root, path)).href,
    refresh() {
      located.clear();
      tops.clear();
      for (const project of projects.values()) project.refresh();
    },
  };
}

const PIPELINE_FILE = '.gitlab-ci.yml';

/** As for `slipway lint` without options. */
const CONTEXT = { source: 'push', ref: null, tag: false, target: null, variables: {}, inputs: {} } as const;

/** What earlier commands have fetched is used; nothing is fetched while somebody types. */
const ELSEWHERE = {
  server: null,
  checkouts: new Map<string, string>(),
  allowedHosts: [],
  mode: 'offline',
} as const;

async function leadsTo(project: Project, path: string): Promise<boolean> {
  const roots = await project.roots();
  return roots.some((root) => root.files.some((file) => file.path === path));
}

/** The file with no links on the way; one that is not saved yet is in a folder that is there. */
function realFile(uri: string): string | null {
  let path: string;
  try {
    path = fileURLToPath(uri);
  } catch {
    return null; // Another scheme, or no URI at all.
  }
  const folder = realPath(dirname(path));
  return folder === null ? null : join(folder, basename(path));
}

function realPath(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null; // Not there.
  }
}

/** From the file's folder upwards, without the top. */
function* foldersBetween(root: string, folder: string): Generator<string> {
  for (let current = folder; current !== root && isInside(root, current); current = dirname(current))
    yield current;
}

function isInside(root: string, folder: string): boolean {
  const way = relative(root, folder);
  return way !== '' && !isAbsolute(way) && way.split(sep)[0] !== '..';
}

function hasPipelineFile(folder: string): boolean {
  return statSync(join(folder, PIPELINE_FILE), { throwIfNoEntry: false })?.isFile() === true;
}

function pathIn(root: string, file: string): string {
  return relative(root, file).split(sep).join('/');
}
