import type { TextRange, WrittenMapping, WrittenNode, WrittenPair } from '../../config/index.ts';
import { itemsOf, textOf, valueAt } from '../names/collector.ts';
import { type RootEntry, rootEntries } from '../names/root-entries.ts';
import { type FileIndex, shifted } from '../syntax/file-index.ts';
import type { DocumentSymbol } from './symbols.ts';

/** The outline of a buildspec or a build file: the keys at its root; below them steps, phases and variables. */
export function buildSymbols(file: FileIndex): readonly DocumentSymbol[] {
  return Array.from(rootEntries([file]), (entry) => {
    const { key, value, block } = entry;
    return {
      name: key.value === '' ? '""' : key.value,
      detail: '',
      kind: key.value === 'steps' || key.value === 'phases' ? 'stage' : 'setting',
      range: rangeOf(key, value, block.start),
      nameRange: shifted(key, block.start),
      children: childrenOf(entry),
    };
  });
}

/** What the steps of a build file, or the builds of a batch, are called. */
export function buildNames(file: FileIndex, list: string, key: string): readonly string[] {
  const found: string[] = [];
  for (const { key: root, value } of rootEntries([file])) {
    const all = root.value === list ? value : root.value === 'batch' ? valueAt(value, list) : undefined;
    for (const item of all === undefined ? [] : itemsOf(all)) {
      const name = textOf(valueAt(item, key));
      if (name !== null && name !== '') found.push(name);
    }
  }
  return found;
}

function childrenOf({ key, value, block }: RootEntry): readonly DocumentSymbol[] {
  switch (key.value) {
    case 'steps':
      return [...itemsOf(value)].flatMap((step, index) =>
        step.kind === 'mapping' ? stepSymbol(step, index, block.start) : [],
      );
    case 'phases':
      return pairs(value).map((pair) => pairSymbol(pair, 'job', block.start));
    case 'reports':
      return pairs(value).map((pair) => pairSymbol(pair, 'setting', block.start));
    case 'substitutions':
      return pairs(value).map((pair) => pairSymbol(pair, 'variable', block.start));
    case 'env':
      return pairs(valueAt(value, 'variables')).map((pair) => pairSymbol(pair, 'variable', block.start));
    default:
      return [];
  }
}

/** Called as in a run: by its `id`, else by its place and its image. */
function stepSymbol(step: WrittenMapping, index: number, by: number): readonly DocumentSymbol[] {
  const [first] = step.pairs;
  if (first === undefined) return [];
  const image = textOf(valueAt(step, 'name')) ?? '';
  const id = textOf(valueAt(step, 'id')) ?? '';
  const named = step.pairs.find(({ key }) => textOf(key) === (id === '' ? 'name' : 'id')) ?? first;
  const range = { start: step.start + by, end: step.end + by };
  return [
    {
      name: id === '' ? `step ${index}` : id,
      detail: image,
      kind: 'job',
      range,
      nameRange: rangeOf(named.key, named.value, by),
      children: [],
    },
  ];
}

function pairSymbol({ key, value }: WrittenPair, kind: DocumentSymbol['kind'], by: number): DocumentSymbol {
  const text = kind === 'variable' ? (textOf(value) ?? '') : '';
  return {
    name: textOf(key) || '""',
    detail: text.length > MAX_DETAIL ? `${text.slice(0, MAX_DETAIL)}…` : text,
    kind,
    range: rangeOf(key, value, by),
    nameRange: shifted(key, by),
    children: [],
  };
}

const MAX_DETAIL = 60;

function pairs(node: WrittenNode | undefined): readonly WrittenPair[] {
  return node?.kind === 'mapping' ? node.pairs : [];
}

function rangeOf(key: TextRange, value: TextRange, by: number): TextRange {
  return shifted({ start: key.start, end: Math.max(key.end, value.end) }, by);
}
