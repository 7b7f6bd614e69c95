import { type Files, type FoundName, nameAt } from '../names/find-names.ts';
import { entriesByName, lineage } from '../names/root-entries.ts';
import { definitionsOf, targetOf } from '../names/target.ts';
import type { FileIndex } from '../syntax/file-index.ts';

/** Where to go from a name: to where it gets its meaning, or to a file as a whole. */
export type Destination =
  | { readonly kind: 'name'; readonly name: FoundName }
  | { readonly kind: 'file'; readonly path: string };

/** Go to definition. From a definition one stays where one is, as editors expect. */
export function definition(files: Files, file: FileIndex, offset: number): readonly Destination[] {
  const found = nameAt(file, offset);
  if (found === null) return [];
  const target = targetOf(files, found);
  if (target.kind === 'file') return [{ kind: 'file', path: target.name }];
  const definitions = definitionsOf(files, target);
  const chosen = target.kind === 'variable' ? nearest(files, found, definitions) : definitions;
  return chosen.map((name) => ({ kind: 'name', name }));
}

/**
 * Of a variable that several jobs set, the values that the job at hand can see: its own and inherited ones, else those
 * at the root or of the workflow, else all there are.
 */
export function nearest(
  files: Files,
  { occurrence }: FoundName,
  definitions: readonly FoundName[],
): readonly FoundName[] {
  const owners = new Set([
    occurrence.owner,
    ...lineage(entriesByName(files), occurrence.owner).map(({ key }) => key.value),
  ]);
  const own = definitions.filter((one) => owners.has(one.occurrence.owner));
  const shared = definitions.filter(
    ({ occurrence: { owner } }) => owner === 'variables' || owner === 'workflow',
  );
  if (own.length > 0) return [...own, ...shared.filter((one) => !own.includes(one))];
  return shared.length > 0 ? shared : definitions;
}
