import { expandVariables } from '../../../base/expand-variables.ts';
import type {
  ComponentAddress,
  OpenedComponent,
  SourceFile,
  SourceTree,
  Unavailable,
} from '../../sources.ts';
import type { ComponentValues } from '../load-file.ts';
import {
  type Fault,
  type Finding,
  type FoundFile,
  fault,
  unavailableFault,
  unreadableFault,
} from './found-file.ts';
import type { IncludeStatement } from './include-statement.ts';
import { projectOrigin } from './origin.ts';

/** A component: `templates/NAME.yml` or `templates/NAME/template.yml` of its project, at its version. */
export async function findComponent(
  finding: Finding,
  statement: IncludeStatement,
): Promise<FoundFile | Fault> {
  const { origin, mask, sources, parsed } = finding;
  const written = expandVariables(statement.location, origin.scope.lookupExpanded, 'empty');
  const shown = mask(written);
  if (origin.tree === null) {
    return fault('invalid-include', 'Unable to use components outside of a project context');
  }
  const address = parseAddress(written);
  if (address === null) {
    const message = `Component '${shown}' - the component path is not supported`;
    return fault('invalid-include', message, 'It has the form HOST/GROUP/PROJECT/NAME@VERSION.');
  }
  const opened = await sources.elsewhere.openComponent(address);
  if (opened.kind !== 'opened') return notOpened(shown, address, opened);
  const { name, version: reference } = address;
  const component: ComponentValues = { name, sha: opened.sha, version: opened.version, reference };
  const project = { path: mask(`${address.host}/${address.project}`), ref: mask(reference), sha: opened.sha };
  return {
    key: `component\0${written}`,
    name: shown,
    location: shown,
    origin: projectOrigin(finding, project, opened.files, component),
    async load() {
      const file = await readComponent(opened.files, address.name);
      if (file.kind === 'absent' || (file.kind === 'text' && file.text.trim() === '')) {
        const hint = `There is neither templates/${name}.yml nor templates/${name}/template.yml in the project, or it is empty.`;
        return fault('include-unreadable', `Component '${shown}' - content not found`, hint);
      }
      if (file.kind !== 'text') return unreadableFault(`Component '${shown}'`, file);
      return parsed(shown, file.text);
    },
  };
}

/** null when it has not the form of one. */
function parseAddress(written: string): ComponentAddress | null {
  const match = ADDRESS.exec(written);
  const { host, project, name, version } = match?.groups ?? {};
  if (host === undefined || project === undefined || name === undefined || version === undefined) return null;
  return { host: host.toLowerCase(), project, name, version };
}

/** A host with or without its port; the last part of the path is the component's name. */
const ADDRESS =
  /^(?<host>[\w.-]+(?::\d{1,5})?|\[[\da-f:.]+\](?::\d{1,5})?)\/(?<project>[^/@]+(?:\/[^/@]+)+)\/(?<name>[\w-][\w.-]*)@(?<version>.+)$/is;

async function readComponent(tree: SourceTree, name: string): Promise<SourceFile | Unavailable> {
  const simple = await tree.readFile(`templates/${name}.yml`);
  return simple.kind === 'absent' ? tree.readFile(`templates/${name}/template.yml`) : simple;
}

function notOpened(
  shown: string,
  { version }: ComponentAddress,
  answer: Exclude<OpenedComponent, { kind: 'opened' }>,
): Fault {
  const say = (text: string, hint: string | null) =>
    fault('include-unreadable', `Component '${shown}' - ${text}`, hint);
  switch (answer.kind) {
    case 'no-project':
      return say("project does not exist or you don't have sufficient permissions", answer.hint);
    case 'no-ref':
      return say(
        'content not found',
        answer.hint ?? 'The project has no such version: no tag, branch or commit.',
      );
    case 'no-release': {
      const which = version === '~latest' ? '~latest version' : 'partial semantic version';
      return say(
        `The ${which} reference is not supported for non-catalog resources. Use a tag, branch, or commit SHA instead.`,
        'The project has no tag that is such a release: 1.2.3, without a pre-release.',
      );
    }
    case 'unavailable':
      return unavailableFault(`Component '${shown}'`, answer);
  }
}
