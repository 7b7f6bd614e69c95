import { ROOT_SETTINGS, type TextRange, type WrittenNode } from '../../config/index.ts';
import { isJob } from '../names/collect-from-job.ts';
import { textOf } from '../names/collector.ts';
import { type Files, namesIn } from '../names/find-names.ts';
import {
  entriesByName,
  inheritedValue,
  lineage,
  type RootEntry,
  rootEntries,
} from '../names/root-entries.ts';
import { type FileIndex, shifted } from '../syntax/file-index.ts';
import { buildSymbols } from './build-symbols.ts';

export interface DocumentSymbol {
  readonly name: string;
  readonly detail: string;
  readonly kind: 'stage' | 'job' | 'template' | 'setting' | 'variable';
  readonly range: TextRange;
  /** The name itself. */
  readonly nameRange: TextRange;
  readonly children: readonly DocumentSymbol[];
}

/**
 * The outline of a file: its settings, then its jobs by stage in the order of the stages, then its templates. The stage
 * of a job may come from what it extends, in any file.
 */
export function documentSymbols(files: Files, file: FileIndex): readonly DocumentSymbol[] {
  if (file.language !== 'gitlab') return buildSymbols(file);
  const byName = entriesByName(files);
  const settings: DocumentSymbol[] = [];
  const templates: DocumentSymbol[] = [];
  const stages = new Map<string, DocumentSymbol[]>(stageNames(files).map((stage) => [stage, []]));
  for (const entry of rootEntries([file])) {
    const name = entry.key.value;
    if (isSetting(entry)) settings.push(settingSymbol(entry));
    else if (name.startsWith('.')) templates.push(symbolOf(entry, 'template', ''));
    else {
      const stage = textOf(inheritedValue(lineage(byName, name), 'stage')) ?? 'test';
      const jobs = stages.get(stage) ?? [];
      jobs.push(symbolOf(entry, 'job', stage));
      stages.set(stage, jobs);
    }
  }
  const groups = [...stages].flatMap(([stage, jobs]) => groupOf(stage, 'stage', jobs));
  return [...settings, ...groups, ...groupOf('templates', 'not run by themselves', templates)];
}

/** `stages` as the last file that has them says, or those that hold without. */
export function stageNames(files: Files): readonly string[] {
  const written = [...namesIn(files, 'stage', 'definition')].map(({ occurrence }) => occurrence.name);
  const middle = new Set(written.length === 0 ? ['build', 'test', 'deploy'] : written);
  middle.delete('.pre');
  middle.delete('.post');
  return ['.pre', ...middle, '.post'];
}

function isSetting({ key, value }: RootEntry): boolean {
  if (!ROOT_SETTINGS.includes(key.value)) return false;
  return !((key.value === 'default' || key.value === 'workflow') && isJob(value));
}

function settingSymbol(entry: RootEntry): DocumentSymbol {
  const children = entry.key.value === 'variables' ? variableSymbols(entry) : [];
  return { ...symbolOf(entry, 'setting', ''), children };
}

function variableSymbols({ value, block }: RootEntry): readonly DocumentSymbol[] {
  if (value.kind !== 'mapping') return [];
  return value.pairs.flatMap(({ key, value: of }) => {
    if (key.kind !== 'scalar') return [];
    const range = shifted({ start: key.start, end: Math.max(key.end, of.end) }, block.start);
    return [{ ...leaf(key.value, shown(of), range, shifted(key, block.start)), kind: 'variable' as const }];
  });
}

function shown(node: WrittenNode): string {
  const text = textOf(node) ?? '';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function symbolOf({ key, value, block }: RootEntry, kind: 'job' | 'template' | 'setting', detail: string) {
  const range = shifted({ start: key.start, end: Math.max(key.end, value.end) }, block.start);
  return { ...leaf(key.value, detail, range, shifted(key, block.start)), kind };
}

function leaf(name: string, detail: string, range: TextRange, nameRange: TextRange) {
  // Editors refuse a symbol without a name.
  return { name: name === '' ? '""' : name, detail, range, nameRange, children: [] };
}

/** From the first of them to the last: members stand in the order of the file. */
function groupOf(
  name: string,
  detail: string,
  members: readonly DocumentSymbol[],
): readonly DocumentSymbol[] {
  const [first, last] = [members[0], members.at(-1)];
  if (first === undefined || last === undefined) return [];
  const range = { start: first.range.start, end: last.range.end };
  return [{ name, detail, kind: 'stage', range, nameRange: first.nameRange, children: members }];
}
