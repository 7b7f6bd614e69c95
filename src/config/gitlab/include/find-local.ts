import { posix } from 'node:path';
import { expandVariables } from '../../../base/expand-variables.ts';
import { compileGlob } from '../../../base/glob.ts';
import type { SourceTree } from '../../sources.ts';
import {
  emptyFault,
  extensionFault,
  type Fault,
  type Finding,
  type FoundFile,
  fault,
  unreadableFault,
} from './found-file.ts';
import type { IncludeStatement } from './include-statement.ts';
import type { Origin } from './origin.ts';

/** The files a local include names, in the project of the file it is in: one path, or all that a wildcard matches, sorted. */
export async function findLocal(
  finding: Finding,
  { location: written }: IncludeStatement,
): Promise<readonly (FoundFile | Fault)[]> {
  const { origin, mask } = finding;
  const location = expandVariables(written, origin.scope.lookupExpanded, 'empty');
  const shown = mask(location);
  const { tree } = origin;
  if (tree === null) {
    const message = `Local file \`${shown}\` does not have project!`;
    const hint =
      'A remote file and a template are of no project: let them name the project, or the whole address.';
    return [fault('invalid-include', message, hint)];
  }
  const wrong = extensionFault(shown, location);
  if (wrong !== null) return [wrong];
  const path = pathInProject(location);
  if (path === null) {
    const message = `Local file \`${shown}\` does not exist!`;
    return [fault('include-unreadable', message, 'A path never leaves the project.')];
  }
  if (!path.includes('*')) return [localFile(finding, origin, tree, path)];
  const glob = compileGlob(path);
  const paths = (await tree.listFiles()).filter((file) => glob.matches(file));
  return paths.map((match) => localFile(finding, origin, tree, match));
}

/** null when it leads out of the project. */
export function pathInProject(location: string): string | null {
  const path = posix.normalize(location).replace(/^\/+/, '');
  return path.startsWith('../') ? null : path;
}

function localFile({ mask, parsed }: Finding, origin: Origin, tree: SourceTree, path: string): FoundFile {
  const location = mask(path);
  const name = `${origin.prefix}${location}`;
  return {
    key: `${origin.key}${path}`,
    name,
    location,
    origin,
    async load() {
      const file = await tree.readFile(path);
      const what = `Local file \`${location}\``;
      if (file.kind !== 'text') return unreadableFault(what, file);
      return file.text.trim() === '' ? emptyFault(what) : parsed(name, file.text);
    },
  };
}
