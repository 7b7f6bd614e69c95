import { expandVariables } from '../../../base/expand-variables.ts';
import { extensionFault, type Fault, type Finding, type FoundFile, fault } from './found-file.ts';
import type { IncludeStatement } from './include-statement.ts';
import { outsideOrigin } from './origin.ts';

/** A template that comes with the program. */
export function findTemplate(finding: Finding, statement: IncludeStatement): FoundFile | Fault {
  const { origin, mask, sources, parsed } = finding;
  const template = expandVariables(statement.location, origin.scope.lookupExpanded, 'empty');
  const name = mask(template);
  const wrong = extensionFault(name, template);
  if (wrong !== null) return wrong;
  if (!template.endsWith('.gitlab-ci.yml')) {
    const message = `Template file \`${name}\` is not a valid location!`;
    return fault('invalid-include', message, 'The name must end with .gitlab-ci.yml.');
  }
  return {
    key: `template\0${template}`,
    name: `template ${name}`,
    location: name,
    origin: outsideOrigin(finding),
    async load() {
      const file = await sources.elsewhere.readTemplate(template);
      if (file.kind === 'text') return parsed(`template ${name}`, file.text);
      const message = `Included file \`${name}\` is empty or does not exist!`;
      return fault('include-no-template', message, adviceOn(file.near));
    },
  };
}

function adviceOn(near: readonly string[]): string {
  const like = near.length === 0 ? '' : ` Like it are: ${near.join(', ')}.`;
  return `Slipway ships templates of its own, not those of GitLab.${like} Copy the template into the project and include it with \`local\`, include it from a project that has it, or leave this include out with \`rules\`.`;
}
