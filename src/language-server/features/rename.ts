import type { TextRange } from '../../config/index.ts';
import { ROOT_SETTINGS } from '../../config/index.ts';
import { definedNames, type Files, type FoundName, nameAt } from '../names/find-names.ts';
import { definitionsOf, mentionsOf, targetOf } from '../names/target.ts';
import type { FileIndex } from '../syntax/file-index.ts';
import { escapedFor, yamlText } from '../syntax/yaml-text.ts';

export type Renaming<T> =
  | { readonly ok: true; readonly value: T }
  /** A sentence for people. */
  | { readonly ok: false; readonly reason: string };

export interface TextEdit {
  readonly file: FileIndex;
  readonly range: TextRange;
  readonly text: string;
}

/** Whether the name at the cursor can be renamed: then where it stands, without what `parallel` adds to it. */
export function prepareRename(
  files: Files,
  file: FileIndex,
  offset: number,
  isOurs: (path: string) => boolean,
): Renaming<{ readonly range: TextRange; readonly name: string }> {
  const found = nameAt(file, offset);
  const target = found === null ? null : targetOf(files, found);
  if (found === null || target?.kind !== 'job') return refused('Only the name of a job can be renamed.');
  const fault = unmovable(files, target.name, isOurs);
  if (fault !== null) return refused(fault);
  return { ok: true, value: { range: nameRange(found, target.name), name: target.name } };
}

/** The edits that give a job another name everywhere it is named. */
export function rename(
  files: Files,
  file: FileIndex,
  offset: number,
  newName: string,
  isOurs: (path: string) => boolean,
): Renaming<readonly TextEdit[]> {
  const prepared = prepareRename(files, file, offset, isOurs);
  if (!prepared.ok) return prepared;
  const { name } = prepared.value;
  const fault = unfit(files, name, newName);
  if (fault !== null) return refused(fault);
  const edits = mentionsOf(files, { kind: 'job', name }).map((found) => edit(found, name, newName));
  return { ok: true, value: edits };
}

function unmovable(files: Files, name: string, isOurs: (path: string) => boolean): string | null {
  const definitions = definitionsOf(files, { kind: 'job', name });
  if (definitions.length === 0) return `No job is called ${name}, so there is nothing to rename.`;
  const foreign = definitions.find((found) => !isOurs(found.file.path));
  if (foreign !== undefined) {
    return `${name} is defined in ${foreign.file.path}, which is not a file of this project.`;
  }
  if (name.includes('$[[')) return `The name ${name} is put together from inputs.`;
  if (name === 'pages') return 'A job is published as a site because it is called pages.';
  return null;
}

function unfit(files: Files, name: string, newName: string): string | null {
  if (newName.trim() === '') return 'The new name is empty.';
  if (newName.length > MAX_NAME) return `The new name is longer than ${MAX_NAME} characters.`;
  if (ROOT_SETTINGS.includes(newName) || RESERVED.has(newName)) {
    return `${newName} cannot be the name of a job: it is a keyword.`;
  }
  if (newName !== name && definedNames(files, 'job').has(newName))
    return `There is a job ${newName} already.`;
  if (name.startsWith('.') !== newName.startsWith('.')) {
    return name.startsWith('.')
      ? 'Without the dot the template would become a job.'
      : 'With a dot in front the job would become a template, and no longer run.';
  }
  return null;
}

const MAX_NAME = 255;
const RESERVED: ReadonlySet<string> = new Set(['true', 'false', 'nil', 'pages', 'pages:deploy', 'spec']);

/** Between quotes only what is between them is written again; a plain name gets quotes when it needs them. */
function edit(found: FoundName, name: string, newName: string): TextEdit {
  const { file, range, occurrence } = found;
  const quote = file.text[range.start - 1];
  const isQuoted = (quote === '"' || quote === "'") && file.text[range.end] === quote;
  const whole = occurrence.role === 'definition' ? newName : newName + occurrence.name.slice(name.length);
  if (isQuoted) return { file, range, text: escapedFor(quote, whole) };
  // Mentions stand in lists of either form; what a `[list]` asks for is right in both.
  return { file, range, text: yamlText(whole, occurrence.role === 'reference') };
}

function nameRange({ range }: FoundName, name: string): TextRange {
  const end = Math.min(range.end, range.start + name.length);
  return { start: range.start, end };
}

function refused<T>(reason: string): Renaming<T> {
  return { ok: false, reason };
}
