import { textOf, valueAt } from '../names/collector.ts';
import { type Files, namesIn } from '../names/find-names.ts';
import type { FileIndex } from '../syntax/file-index.ts';
import type { Candidate } from './completion.ts';

/** The anchors that stand before the cursor: an alias can name no other. */
export function anchorCandidates(file: FileIndex, offset: number): readonly Candidate[] {
  const names = new Set<string>();
  for (const { range, occurrence } of namesIn([file], 'anchor', 'definition')) {
    if (range.end < offset) names.add(occurrence.name);
  }
  return [...names].map((label) => ({ label, kind: 'anchor', detail: 'anchor', text: '' }));
}

/** The inputs that the headers of files declare. */
export function inputCandidates(files: Files): readonly Candidate[] {
  return [...namesIn(files, 'input', 'definition')].map(({ file, occurrence }) => ({
    label: occurrence.name,
    kind: 'input',
    detail: `input of ${file.path}`,
    text: inputText(file, occurrence.name),
  }));
}

/** What a header says about one of its inputs, as Markdown. */
export function inputText(file: FileIndex, name: string): string {
  for (const { content } of file.blocks) {
    const spec = content.isHeader && content.tree !== null ? valueAt(content.tree, 'spec') : undefined;
    const input = valueAt(valueAt(spec, 'inputs'), name);
    if (input === undefined) continue;
    const description = textOf(valueAt(input, 'description'));
    const type = textOf(valueAt(input, 'type')) ?? 'string';
    const hasDefault = valueAt(input, 'default') !== undefined;
    const value = textOf(valueAt(input, 'default'));
    const given = !hasDefault
      ? 'must be given'
      : value === null
        ? 'has a default'
        : `by default \`${value}\``;
    return `${description === null ? '' : `${description}\n\n`}A ${type}, ${given}.`;
  }
  return '';
}

/** Files of the project, where an include names one. */
export function includeCandidates(
  keys: readonly string[],
  own: string,
  paths: readonly string[],
): readonly Candidate[] {
  const [first, second, third] = keys;
  const isRoot = first === 'include' && (second === undefined || second === 'local');
  const isChild = second === 'trigger' && third === 'include' && (keys.length === 3 || keys[3] === 'local');
  if (!isRoot && !isChild) return [];
  return paths
    .filter((path) => path !== own)
    .slice(0, MAX_PATHS)
    .map((path) => ({ label: path, kind: 'file', detail: 'file of the project', text: '' }));
}

const MAX_PATHS = 5000;
