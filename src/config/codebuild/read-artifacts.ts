import type { MappingNode } from '../document/index.ts';
import type { PlacedText, ValueReader } from './buildspec-values.ts';
import { ARTIFACTS, SECONDARY_ARTIFACT } from './language/outputs.ts';
import { filesOf, within } from './read-reports.ts';
import type { ArtifactsScript, BuildArtifact } from './script/artifacts-function.ts';
import { STAGED_FOLDER } from './script/glob-library.ts';

/** `artifacts` of a buildspec: what a job keeps, and what its script does for it. */
export interface ReadArtifacts {
  readonly name: string | null;
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  readonly script: ArtifactsScript | null;
}

/**
 * A job has one archive. Where CodeBuild would make several of the files, or give them other names, they are laid out in a
 * folder that is kept in their place.
 */
export function readArtifacts(root: MappingNode, read: ValueReader): ReadArtifacts {
  const node = read.mapping(root, 'artifacts');
  read.known(node, 'artifacts', ARTIFACTS);
  if (node === null) return { name: null, paths: [], exclude: [], script: null };
  const secondary = read.mapping(node, 'secondary-artifacts');
  const primary = readArtifact(node, 'primary', 'artifacts', read);
  const others = Array.from(secondary?.entries.keys() ?? [], (id) => {
    const one = read.mapping(secondary, id);
    read.known(one, `secondary-artifacts.${id}`, SECONDARY_ARTIFACT);
    return one === null ? null : readArtifact(one, id, `secondary-artifacts.${id}`, read);
  });
  const artifacts = [primary, ...others].filter((one) => one !== null);
  if (artifacts.length === 0) return { name: null, paths: [], exclude: [], script: null };
  const name = primary?.name ?? null;
  const plainName = name === null || /`|\$\(/.test(name) ? null : name;
  const staged =
    secondary !== null || plainName !== name || artifacts.some((one) => one.isFlat || isElsewhere(one));
  const script = { staged, artifacts };
  if (staged || primary === null) return { name: plainName, paths: [STAGED_FOLDER], exclude: [], script };
  const { base, files, exclude } = primary;
  return { name: plainName, paths: within(base, files), exclude: within(base, exclude), script };
}

/** What is outside of where the source is: a job keeps nothing of that. */
function isElsewhere({ base, files }: BuildArtifact): boolean {
  return base.split('/').includes('..') || [base, ...files].some((path) => path.startsWith('/'));
}

/** null: it has no files, which is an error, also where there are secondary artifacts beside it. */
function readArtifact(node: MappingNode, id: string, place: string, read: ValueReader): BuildArtifact | null {
  const { base, files } = filesOf(node, place, read);
  const name = read.text(node, 'name');
  checkLine(name, read);
  read.text(node, 's3-prefix');
  const one: BuildArtifact = {
    id,
    name: name?.text ?? null,
    base,
    files,
    exclude: read.texts(node, 'exclude-paths').map(({ text }) => text),
    isFlat: read.flag(node, 'discard-paths'),
    keepsLinks: read.flag(node, 'enable-symlinks'),
  };
  return files.length === 0 ? null : one;
}

function checkLine(name: PlacedText | null, read: ValueReader): void {
  if (name !== null && /[\r\n]/.test(name.text.trimEnd()))
    read.error(name.node, 'name should be of one line');
}
