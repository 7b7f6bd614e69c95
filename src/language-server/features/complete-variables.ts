import { type FoundName, namesIn } from '../names/find-names.ts';
import { entriesByName, lineage } from '../names/root-entries.ts';
import type { Scope } from '../project/project.ts';
import { PREDEFINED_VARIABLES } from '../texts/predefined-variables.ts';
import type { Candidate } from './completion.ts';
import { predefinedText, writtenValue } from './variable-text.ts';

/** The variables that can be used below a key at the root: its own, those at the root, predefined ones, and others'. */
export function variableCandidates(scope: Scope, owner: string): readonly Candidate[] {
  const { files } = scope;
  const owners = new Set(lineage(entriesByName(files), owner).map(({ key }) => key.value));
  const [own, shared, others]: [FoundName[], FoundName[], FoundName[]] = [[], [], []];
  for (const name of namesIn(files, 'variable', 'definition')) {
    const { owner: setter } = name.occurrence;
    if (owners.has(setter) || setter === owner) own.push(name);
    else if (setter === 'variables' || setter === 'workflow') shared.push(name);
    else others.push(name);
  }
  const found = new Map<string, Candidate>();
  const add = (name: FoundName) => {
    const { name: label, owner: setter } = name.occurrence;
    if (found.has(label)) return;
    const value = writtenValue(name);
    found.set(label, {
      label,
      kind: 'variable',
      detail: `variable of ${levelOf(setter)}`,
      text: value === null ? '' : `\`${value}\``,
    });
  };
  for (const name of [...own, ...shared]) add(name);
  for (const label of Object.keys(PREDEFINED_VARIABLES)) {
    if (!found.has(label)) {
      found.set(label, {
        label,
        kind: 'variable',
        detail: 'predefined',
        text: predefinedText(label, scope) ?? '',
      });
    }
  }
  for (const name of others) add(name);
  return [...found.values()];
}

/** Who sets a variable, in words. */
export function levelOf(owner: string): string {
  if (owner === 'variables') return 'the root';
  return owner === 'workflow' ? '`workflow:rules`' : `\`${owner}\``;
}
