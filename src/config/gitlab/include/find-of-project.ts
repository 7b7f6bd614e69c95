import { expandVariables } from '../../../base/expand-variables.ts';
import type { NotOpened, SourceTree } from '../../sources.ts';
import { pathInProject } from './find-local.ts';
import {
  emptyFault,
  extensionFault,
  type Fault,
  type Finding,
  type FoundFile,
  fault,
  unavailableFault,
  unreadableFault,
} from './found-file.ts';
import type { IncludeStatement } from './include-statement.ts';
import { type Origin, projectOrigin } from './origin.ts';

/** The files that `include: project` names, of one commit of the project. */
export async function findOfProject(
  finding: Finding,
  statement: IncludeStatement,
): Promise<readonly (FoundFile | Fault)[]> {
  const { origin, mask, sources } = finding;
  const filled = (text: string) => expandVariables(text, origin.scope.lookupExpanded, 'empty');
  const path = filled(statement.location);
  const ref = statement.ref === null ? null : filled(statement.ref);
  const files = statement.files.map(filled);
  const wrong = files.flatMap((file) => extensionFault(mask(file), file) ?? []);
  if (wrong.length > 0) return wrong;
  const opened = await sources.elsewhere.openProject(path, ref);
  if (opened.kind !== 'opened') return [notOpened(mask(path), mask(ref ?? 'HEAD'), opened)];
  const project = { path: mask(path), ref: ref === null ? null : mask(ref), sha: opened.sha };
  const inside = projectOrigin(finding, project, opened.files, null);
  return files.map((file) => projectFile(finding, inside, opened.files, mask(path), file));
}

/** Why another project's files cannot be read, in GitLab's words. */
function notOpened(path: string, ref: string, answer: NotOpened): Fault {
  switch (answer.kind) {
    case 'no-project':
      return fault(
        'include-unreadable',
        `Project \`${path}\` not found or access denied! Make sure any includes in the pipeline configuration are correctly defined.`,
        answer.hint,
      );
    case 'no-ref':
      return fault(
        'include-unreadable',
        `Project \`${path}\` reference \`${ref}\` does not exist!`,
        answer.hint,
      );
    case 'unavailable':
      return unavailableFault(`Project \`${path}\``, answer);
  }
}

function projectFile(
  { mask, parsed }: Finding,
  origin: Origin,
  tree: SourceTree,
  project: string,
  file: string,
): FoundFile {
  const location = mask(file.replace(/^\/+/, ''));
  const name = `${origin.prefix}${location}`;
  const path = pathInProject(file);
  return {
    key: `${origin.key}${path ?? file}`,
    name,
    location,
    origin,
    async load() {
      const what = `Project \`${project}\` file \`${location}\``;
      const read = path === null ? ({ kind: 'absent' } as const) : await tree.readFile(path);
      if (read.kind !== 'text') return unreadableFault(what, read);
      return read.text.trim() === '' ? emptyFault(what) : parsed(name, read.text);
    },
  };
}
