import type { FieldFinder, FoundField } from '../../config/index.ts';
import { textOf } from '../names/collector.ts';
import { rootEntries } from '../names/root-entries.ts';
import { type CursorPlace, cursorPlace } from '../syntax/cursor-place.ts';
import { blockAt, type FileIndex, shifted } from '../syntax/file-index.ts';
import { pathAt } from '../syntax/path-at.ts';
import { buildNames } from './build-symbols.ts';
import type { Candidate, Completion } from './completion.ts';
import type { Hover } from './hover.ts';
import { asKey, asValue } from './insertion.ts';
import { treatmentText } from './keyword-text.ts';
import { shortened } from './variable-text.ts';

/** What a field of a build file means, and what is done with it: on its key, or on a word that it can be. */
export function fieldHover(file: FileIndex, fields: FieldFinder, offset: number): Hover | null {
  const block = blockAt(file, offset);
  const at = block === null ? null : pathAt(block.content.tree, offset - block.start);
  if (block === null || at === null) return null;
  const found = fields.find(at.keys);
  const node = at.on === 'key' ? at.pair.key : at.pair.value;
  if (found === null || found.field === null || node.kind !== 'scalar') return null;
  if (at.on === 'value' && !found.words.includes(node.value)) return null;
  const markdown = `**${shortened(found.path)}**\n\n${fieldText(found)}`;
  return { range: shifted(node, block.start), markdown };
}

/** Fields that can stand at the cursor and do not yet, the words that a value can be, and what can be waited for. */
export function completeFields(file: FileIndex, fields: FieldFinder, offset: number): readonly Completion[] {
  const place = cursorPlace(file, offset);
  const found = place === null ? null : fields.find(place.keys);
  if (place === null || found === null) return [];
  const taken = new Set(siblingNames(file, place));
  const keys =
    place.kind === 'key'
      ? found.below
          .filter((name) => !taken.has(name))
          .map((name) => asKey(keyCandidate(name, fields.find([...place.keys, name])), place))
      : [];
  if (place.kind === 'key' && !place.mayBeValue) return keys;
  const values = [...found.words.map((word) => wordCandidate(word, found)), ...names(file, found)];
  return [...values.map((one) => asValue(one, place)), ...keys];
}

function siblingNames(file: FileIndex, { keys, siblings }: CursorPlace): readonly (string | null)[] {
  if (keys.length > 0) return siblings.map(({ key }) => textOf(key));
  return Array.from(rootEntries([file]), ({ key }) => key.value);
}

function keyCandidate(label: string, found: FoundField | null): Candidate {
  return {
    label,
    kind: 'keyword',
    detail: found?.path ?? '',
    text: found === null ? '' : fieldText(found),
  };
}

function wordCandidate(label: string, { path }: FoundField): Candidate {
  return { label, kind: 'word', detail: path, text: '' };
}

/** Steps, and builds of a batch, wait for others by their names. */
function names(file: FileIndex, { path }: FoundField): readonly Candidate[] {
  if (path === 'steps:waitFor')
    return ['-', ...buildNames(file, 'steps', 'id')].map((label) => ({
      label,
      kind: 'job',
      detail: label === '-' ? 'waits for nothing' : 'step',
      text: '',
    }));
  if (path !== 'batch:build-graph:depend-on') return [];
  return buildNames(file, 'build-graph', 'identifier').map((label) => ({
    label,
    kind: 'job',
    detail: 'build of the batch',
    text: '',
  }));
}

function fieldText({ field, treatment }: FoundField): string {
  return [field?.text ?? '', ...treatmentText(treatment)].join('\n\n');
}
