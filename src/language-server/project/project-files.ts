import { compileGlob } from '../../base/glob.ts';
import type { Sources } from '../../config/index.ts';
import { namesIn } from '../names/find-names.ts';
import { type FileIndex, indexFile } from '../syntax/file-index.ts';
import { overlaySources } from './overlay-sources.ts';

/**
 * The files of one project, each indexed once a version. What is open in the editor comes before what is on disk; what
 * is on disk is read again after `refresh`.
 */
export interface ProjectFiles {
  /** Open buffers by their path from the project's root. */
  readonly buffers: Map<string, string>;
  /** null for a file that is not there, not in the project, or no text. */
  index(path: string): Promise<FileIndex | null>;
  /** A pipeline file with all local files that it includes, those that are merged first before those that beat them. */
  configuration(root: string): Promise<readonly FileIndex[]>;
  /** Pipeline files that the jobs of these files start as child pipelines. */
  childRoots(files: readonly FileIndex[]): Promise<readonly string[]>;
  /** Files of the project by the path of an include, which may hold wildcards. */
  matching(path: string): Promise<readonly string[]>;
  /** All paths that an include may name. */
  list(): Promise<readonly string[]>;
  /** Files on disk may have changed. */
  refresh(): void;
  /** For reading the configuration, until the signal is aborted. */
  sources(signal: AbortSignal, asked: Set<string>): Sources;
}

const NEVER = new AbortController().signal;
/** GitLab stops at 150 includes. */
const MAX_FILES = 300;

export function openProjectFiles(openSources: () => Sources): ProjectFiles {
  const buffers = new Map<string, string>();
  const known = new Map<string, FileIndex>();
  let disk = openSources();
  let overlay = overlaySources(disk, buffers, NEVER, new Set());

  async function index(path: string): Promise<FileIndex | null> {
    const read = await overlay.readFile(path);
    if (read.kind !== 'text') {
      known.delete(path);
      return null;
    }
    const before = known.get(path) ?? null;
    if (before?.text === read.text) return before;
    const indexed = indexFile(path, read.text, before);
    known.set(path, indexed);
    return indexed;
  }

  async function matching(path: string): Promise<readonly string[]> {
    if (!path.includes('*')) return [path];
    const glob = compileGlob(path);
    return (await overlay.listFiles()).filter((file) => glob.matches(file));
  }

  async function configuration(root: string): Promise<readonly FileIndex[]> {
    const found: FileIndex[] = [];
    const seen = new Set<string>();
    async function visit(path: string): Promise<void> {
      if (seen.has(path) || seen.size >= MAX_FILES) return;
      seen.add(path);
      const file = await index(path);
      if (file === null) return;
      for (const include of includedPaths(file, true)) {
        for (const target of await matching(include)) await visit(target);
      }
      found.push(file);
    }
    await visit(root);
    return found;
  }

  return {
    buffers,
    index,
    configuration,
    matching,
    async childRoots(files) {
      const roots = new Set<string>();
      for (const file of files) for (const path of includedPaths(file, false)) roots.add(path);
      return [...roots].slice(0, MAX_FILES);
    },
    async list() {
      return (await overlay.listFiles()).filter((path) => /\.ya?ml$/.test(path));
    },
    refresh() {
      disk = openSources();
      overlay = overlaySources(disk, buffers, NEVER, new Set());
    },
    sources: (signal, asked) => overlaySources(disk, buffers, signal, asked),
  };
}

/** Of `include` at the root, or those that a job's `trigger` starts. */
function includedPaths(file: FileIndex, atRoot: boolean): readonly string[] {
  return [...namesIn([file], 'file')]
    .filter(({ occurrence }) => (occurrence.owner === 'include') === atRoot)
    .map(({ occurrence }) => occurrence.name);
}
