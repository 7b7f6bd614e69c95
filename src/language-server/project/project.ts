import {
  type FieldFinder,
  fieldsOf,
  languageByName,
  type PipelineContext,
  type Sources,
} from '../../config/index.ts';
import { type FileIndex, indexFile } from '../syntax/file-index.ts';
import type { Diagnosis } from './diagnose.ts';
import { openProjectFiles, type ProjectFiles } from './project-files.ts';

/** A project that has files open in the editor. */
export interface Project {
  /** The top folder, without links on the way. */
  readonly root: string;
  /** The pipeline file, from the top folder. */
  readonly mainFile: string;
  readonly files: ProjectFiles;
  /** What the last readings came to, by their pipeline file. */
  readonly readings: Map<string, Reading>;
  /** The pipeline files that are read now: the main one, children of its jobs, and open ones that nothing leads to. */
  roots(): Promise<readonly PipelineRoot[]>;
  /** A file together with all that it is read with; null when it is no pipeline file of the project. */
  scope(path: string): Promise<Scope | null>;
  /** A push of what is checked out; asked of git again after `refresh`. */
  context(): Promise<PipelineContext>;
  /** Something in the files changed. */
  changed(): void;
  /** Files on disk, or the repository, may have changed. */
  refresh(): void;
}

export interface Reading {
  readonly diagnosis: Diagnosis;
  /** Every path of the project that was asked for, also of files that are not there. */
  readonly asked: ReadonlySet<string>;
}

export interface PipelineRoot {
  readonly path: string;
  readonly reach: 'whole' | 'syntax';
  readonly files: readonly FileIndex[];
}

/** What a question about a file is answered from. */
export interface Scope {
  readonly file: FileIndex;
  /** What can stand where in it; null in GitLab's language, whose keywords are another table. */
  readonly fields: FieldFinder | null;
  /** All files that share names with it, also those of other projects. */
  readonly files: readonly FileIndex[];
  /** The reading of the first configuration that the file is in; null before there is one. */
  readonly diagnosis: Diagnosis | null;
  /** Whether a file is one of the project, so that it may be changed. */
  isOurs(path: string): boolean;
}

export interface ProjectOptions {
  readonly root: string;
  readonly mainFile: string;
  readonly openSources: () => Sources;
  readonly askContext: () => Promise<PipelineContext>;
}

export function openProject({ root, mainFile, openSources, askContext }: ProjectOptions): Project {
  const files = openProjectFiles(openSources);
  const readings = new Map<string, Reading>();
  let known: Promise<readonly PipelineRoot[]> | null = null;
  let context: Promise<PipelineContext> | null = null;

  function roots(): Promise<readonly PipelineRoot[]> {
    known ??= findRoots(files, mainFile);
    return known;
  }

  return {
    root,
    mainFile,
    files,
    readings,
    roots,
    async scope(path) {
      const all = await roots();
      const holding = all.filter((one) => one.files.some((file) => file.path === path));
      const file = await files.index(path);
      if (file === null || holding.length === 0) return null;
      const first = holding.flatMap((one) => readings.get(one.path) ?? []).at(0);
      const foreign = first === undefined ? [] : foreignFiles(first);
      const foreignPaths = new Set(foreign.map((one) => one.path));
      const shared = new Set(holding.flatMap((one) => one.files));
      return {
        file,
        fields: file.language === 'gitlab' ? null : await fieldsOf(file.language),
        files: [...foreign, ...shared],
        diagnosis: first?.diagnosis ?? null,
        isOurs: (name) => !foreignPaths.has(name),
      };
    },
    context() {
      context ??= askContext();
      return context;
    },
    changed() {
      known = null;
    },
    refresh() {
      files.refresh();
      known = null;
      context = null;
    },
  };
}

/** Child pipelines may start children of their own. */
const MAX_ROOTS = 50;

async function findRoots(files: ProjectFiles, mainFile: string): Promise<readonly PipelineRoot[]> {
  const roots: PipelineRoot[] = [];
  const paths = new Set([mainFile]);
  // The set grows while it is walked.
  for (const path of paths) {
    const members = await files.configuration(path);
    // One that is open and cannot be read (too big) is read for its problem.
    if (members.length === 0 && !files.buffers.has(path)) continue;
    roots.push({ path, reach: 'whole', files: members });
    for (const child of await files.childRoots(members)) if (paths.size < MAX_ROOTS) paths.add(child);
  }
  for (const path of files.buffers.keys()) {
    if (roots.some((root) => root.files.some((file) => file.path === path))) continue;
    const reach = await reachOf(files, path);
    if (reach !== null) roots.push({ path, reach, files: await files.configuration(path) });
  }
  return roots;
}

/** A file that no pipeline file leads to: by its name or its header it may be one all the same. */
async function reachOf(files: ProjectFiles, path: string): Promise<PipelineRoot['reach'] | null> {
  const file = await files.index(path);
  if (file === null) return null;
  if (file.hasHeader) return 'whole';
  const language = languageByName(path);
  if (language === 'codebuild' || language === 'cloudbuild') return 'whole';
  return /(?:^|\/|\.)gitlab-ci\.ya?ml$|(?:^|\/)\.gitlab\/.*\.ya?ml$/.test(path) ? 'syntax' : null;
}

/** The files of other projects that a reading took in, as far as keys at the root come from them. */
function foreignFiles({ diagnosis, asked }: Reading): readonly FileIndex[] {
  const found = new Map<string, FileIndex>();
  for (const { key } of diagnosis.reading.files?.merged?.entries.values() ?? []) {
    const source = key.span.file;
    if (asked.has(source.name) || found.has(source.name)) continue;
    const index = foreignIndexes.get(source) ?? indexFile(source.name, source.text, null);
    foreignIndexes.set(source, index);
    found.set(source.name, index);
  }
  return [...found.values()];
}

const foreignIndexes = new WeakMap<object, FileIndex>();
