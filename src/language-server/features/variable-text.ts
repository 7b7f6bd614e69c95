import { textOf, valueAt } from '../names/collector.ts';
import type { FoundName } from '../names/find-names.ts';
import type { Scope } from '../project/project.ts';
import { blockAt } from '../syntax/file-index.ts';
import { pathAt } from '../syntax/path-at.ts';
import { PREDEFINED_VARIABLES } from '../texts/predefined-variables.ts';

/** The value that a definition gives a variable, shortened to one line; null for one that is no text. */
export function writtenValue({ file, range }: FoundName): string | null {
  const block = blockAt(file, range.start);
  if (block === null) return null;
  const at = pathAt(block.content.tree, range.start - block.start);
  if (at?.on !== 'key') return null;
  const { value } = at.pair;
  if (value.kind === 'sequence') return shortened(value.items.map((item) => textOf(item) ?? '…').join(', '));
  const text =
    value.kind === 'mapping' ? textOf(valueAt(value, 'value')) : value.kind === 'scalar' ? value.value : null;
  return text === null ? null : shortened(text);
}

/** What a predefined variable says, and its value in a push pipeline of what is checked out; null: it is none. */
export function predefinedText(name: string, { diagnosis }: Pick<Scope, 'diagnosis'>): string | null {
  const meaning = Object.hasOwn(PREDEFINED_VARIABLES, name) ? PREDEFINED_VARIABLES[name] : undefined;
  if (meaning === undefined) return null;
  const shared = diagnosis?.reading.details?.seeding.shared;
  const value = shared?.predefined.get(name)?.value ?? shared?.user.get(name)?.value;
  if (value === undefined || value === '') return meaning;
  return `${meaning}\n\nIn a push of what is checked out: \`${shortened(value)}\``;
}

export function shortened(text: string): string {
  const line = text
    .replaceAll(/\s*[\r\n]+\s*/g, ' ⏎ ')
    .replaceAll('`', "'")
    .trim();
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
}

const MAX_LENGTH = 120;
