import { createHash } from 'node:crypto';
import { highestRelease, isReleaseWish } from '../../../base/release-version.ts';
import type { ComponentAddress, Elsewhere, OpenedProject, Sources, SourceTree } from '../../sources.ts';

export type Files = Readonly<Record<string, string>>;

/** What there is outside of the project. */
export interface MemoryElsewhere {
  /** `group/name@ref` to its files; the first ref of a project is its default branch. Tags are refs, too. */
  readonly projects?: Readonly<Record<string, Files>>;
  /** Address to text, or to the status a server answers with. */
  readonly remotes?: Readonly<Record<string, string | number>>;
  readonly templates?: Files;
}

/** A project's files as an object: path to text. `diffs` answers `changes:compare_to`, by ref. */
export function memorySources(
  files: Files,
  diffs: Readonly<Record<string, readonly string[]>> = {},
  elsewhere: MemoryElsewhere = {},
): Sources {
  return {
    ...memoryTree(files),
    changedSince: async (ref) => own(diffs, ref),
    elsewhere: memoryElsewhere(elsewhere),
  };
}

type MemoryTree = Pick<Sources, 'readFile' | 'listFiles'>;

function memoryTree(files: Files): MemoryTree & SourceTree {
  return {
    readFile: async (path) => {
      const text = own(files, path);
      return text === null ? { kind: 'absent' } : { kind: 'text', text };
    },
    listFiles: async () => Object.keys(files).sort(),
  };
}

function memoryElsewhere({ projects = {}, remotes = {}, templates = {} }: MemoryElsewhere): Elsewhere {
  return {
    openProject: async (path, ref) => openProject(projects, path, ref),
    async openComponent(component) {
      if (!isReleaseWish(component.version)) return openVersion(projects, component);
      const refs = refsOf(projects, component.project);
      if (refs.length === 0) return { kind: 'no-project', hint: null };
      const version = highestRelease(refs, component.version);
      return version === null ? { kind: 'no-release' } : openVersion(projects, { ...component, version });
    },
    async readRemote(address) {
      if (!/^https?:\/\/[^/?#]/.test(address)) return { kind: 'bad-address' };
      const found = own(remotes, address) ?? 404;
      if (typeof found === 'number') return { kind: 'http-status', status: found };
      const digest = `sha256-${createHash('sha256').update(found).digest('base64')}`;
      return { kind: 'text', text: found, digest };
    },
    async readTemplate(name) {
      const text = own(templates, name);
      return text === null ? { kind: 'absent', near: Object.keys(templates).sort() } : { kind: 'text', text };
    },
  };
}

function openProject(
  projects: Readonly<Record<string, Files>>,
  path: string,
  wanted: string | null,
): OpenedProject {
  const refs = refsOf(projects, path);
  const [head] = refs;
  if (head === undefined) return { kind: 'no-project', hint: null };
  const ref = refs.find((name) => shaOf(`${path}@${name}`) === wanted) ?? wanted ?? head;
  const files = own(projects, `${path}@${ref}`);
  if (files === null) return { kind: 'no-ref', hint: null };
  return { kind: 'opened', sha: shaOf(`${path}@${ref}`), files: memoryTree(files) };
}

function openVersion(
  projects: Readonly<Record<string, Files>>,
  { project, version }: ComponentAddress,
): ReturnType<Elsewhere['openComponent']> {
  const opened = openProject(projects, project, version);
  const tag = /^v?\d+\.\d+\.\d+/.test(version) ? version : null;
  return Promise.resolve(opened.kind === 'opened' ? { ...opened, version: tag } : opened);
}

function refsOf(projects: Readonly<Record<string, Files>>, path: string): readonly string[] {
  const start = `${path}@`;
  return Object.keys(projects).flatMap((name) => (name.startsWith(start) ? name.slice(start.length) : []));
}

/** Forty digits, others for every project and ref. */
function shaOf(name: string): string {
  return createHash('sha1').update(name).digest('hex');
}

function own<T>(values: Readonly<Record<string, T>>, name: string): T | null {
  return Object.hasOwn(values, name) ? (values[name] ?? null) : null;
}
