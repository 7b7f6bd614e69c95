import { expandVariables } from '../../../base/expand-variables.ts';
import { shownAddress } from '../../../base/shown-address.ts';
import {
  extensionFault,
  type Fault,
  type Finding,
  type FoundFile,
  fault,
  unreadableFault,
} from './found-file.ts';
import type { IncludeStatement } from './include-statement.ts';
import { outsideOrigin } from './origin.ts';

/** The file at an address. It is of no project, and what it includes in turn sees no variables. */
export function findRemote(finding: Finding, statement: IncludeStatement): FoundFile | Fault {
  const { origin, mask, sources, parsed } = finding;
  const address = expandVariables(statement.location, origin.scope.lookupExpanded, 'empty');
  const name = mask(shownAddress(address));
  const wrong = extensionFault(name, address);
  if (wrong !== null) return wrong;
  return {
    key: `remote\0${address}\0${statement.integrity}`,
    name,
    location: name,
    origin: outsideOrigin(finding),
    async load() {
      const what = `Remote file \`${name}\``;
      const file = await sources.elsewhere.readRemote(address, name);
      if (file.kind === 'bad-address') {
        const message = `${what} does not have a valid address!`;
        return fault('invalid-include', message, 'It begins with https:// or http://.');
      }
      if (file.kind === 'http-status') {
        const message = `${what} could not be fetched because of HTTP code \`${file.status}\` error!`;
        return fault('include-unavailable', message);
      }
      if (file.kind !== 'text') return unreadableFault(what, file);
      if (statement.integrity !== null && statement.integrity !== file.digest) return changed(what);
      if (file.text.trim() === '')
        return fault('include-unreadable', `Included file \`${name}\` is empty or does not exist!`);
      return parsed(name, file.text);
    },
  };
}

function changed(what: string): Fault {
  return fault(
    'include-integrity',
    `${what} does not have the content that its \`integrity\` asks for`,
    'Somebody has changed the file. Look at it before you write down its new digest.',
  );
}
