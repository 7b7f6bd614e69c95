import { type Files, type FoundName, nameAt } from '../names/find-names.ts';
import { isDefinition, mentionsOf, targetOf } from '../names/target.ts';
import type { FileIndex } from '../syntax/file-index.ts';

/** Find references: every mention of what the name at the cursor stands for, in all files. */
export function references(
  files: Files,
  file: FileIndex,
  offset: number,
  withDefinitions: boolean,
): readonly FoundName[] {
  const found = nameAt(file, offset);
  if (found === null) return [];
  const mentions = mentionsOf(files, targetOf(files, found));
  return withDefinitions ? mentions : mentions.filter((one) => !isDefinition(one));
}
