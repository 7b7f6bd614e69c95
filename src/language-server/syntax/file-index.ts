import { type Language, languageOf, type TextRange, type WrittenNode } from '../../config/index.ts';
import { collectFromKeyword } from '../names/collect-from-job.ts';
import { type CollectedNames, collectNames, inOrder } from '../names/collect-names.ts';
import { newCollector } from '../names/collector.ts';
import type { Occurrence } from '../names/occurrence.ts';
import { parseBlock } from './parse-block.ts';
import { type RootBlock, rootBlocks } from './root-blocks.ts';

/** One version of a file, ready to be asked. */
export interface FileIndex {
  /** From the project's root, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly language: Language;
  readonly blocks: readonly IndexedBlock[];
  /** The first document is a header (`spec:`). */
  readonly hasHeader: boolean;
}

/** Offsets in its tree and names count from the block's start, so that a block that only moved stays as it is. */
export interface IndexedBlock extends RootBlock {
  readonly content: BlockContent;
  /** What is known only with the rest of the file: names in what an alias takes to another place. */
  readonly names: readonly Occurrence[];
}

export interface BlockContent {
  readonly text: string;
  readonly isHeader: boolean;
  readonly tree: WrittenNode | null;
  readonly damaged: boolean;
  readonly collected: CollectedNames;
}

/** Indexes a file; blocks that are in `before` word for word are taken from there. */
export function indexFile(path: string, text: string, before: FileIndex | null): FileIndex {
  const language = languageOf(path, text);
  const isOurs = language === 'gitlab';
  const known = new Map(
    language !== before?.language ? [] : before.blocks.map(({ content }) => [content.text, content] as const),
  );
  const cut = rootBlocks(text);
  const hasHeader =
    isOurs && cut.some((block) => block.document === 0 && /^["']?spec["']?:/.test(textAt(text, block)));
  const contents = cut.map((block) => {
    const own = text.slice(block.start, block.end);
    const isHeader = hasHeader && block.document === 0;
    const same = known.get(own);
    return { ...block, content: same?.isHeader === isHeader ? same : contentOf(own, isHeader, isOurs) };
  });
  const extra = namesBehindAliases(contents.map(({ content }) => content));
  const blocks = contents.map((block) => {
    const added = extra.get(block.content);
    const { found } = block.content.collected;
    return { ...block, names: added === undefined ? found : inOrder([...found, ...added]) };
  });
  return { path, text, language, blocks, hasHeader };
}

function textAt(text: string, { start }: RootBlock): string {
  return text.slice(start, start + 8);
}

/** Names are those of GitLab's language. */
function contentOf(text: string, isHeader: boolean, hasNames: boolean): BlockContent {
  const { tree, damaged } = parseBlock(text);
  return { text, isHeader, tree, damaged, collected: collectNames(text, hasNames ? tree : null, isHeader) };
}

/** `needs: *list`: the names in the list, by the block that has the anchor. */
function namesBehindAliases(contents: readonly BlockContent[]): ReadonlyMap<BlockContent, Occurrence[]> {
  const wanted = new Map<string, Set<string>>();
  for (const { collected } of contents) {
    for (const { anchor, keyword } of collected.aliased) {
      const keywords = wanted.get(anchor) ?? new Set();
      wanted.set(anchor, keywords.add(keyword));
    }
  }
  const extra = new Map<BlockContent, Occurrence[]>();
  if (wanted.size === 0) return extra;
  for (const content of contents) {
    const anchored = content.collected.found.filter(
      ({ kind, role, name }) => kind === 'anchor' && role === 'definition' && wanted.has(name),
    );
    if (anchored.length > 0) extra.set(content, readAs(content, wanted));
  }
  return extra;
}

function readAs({ text, tree, collected }: BlockContent, wanted: ReadonlyMap<string, Set<string>>) {
  const collector = newCollector(text);
  const pending: WrittenNode[] = tree === null ? [] : [tree];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const keywords = node.anchor === null ? undefined : wanted.get(node.anchor.name);
    for (const keyword of keywords ?? []) collectFromKeyword(collector, keyword, node);
    if (node.kind === 'sequence') for (const item of node.items) pending.push(item);
    else if (node.kind === 'mapping') for (const { value } of node.pairs) pending.push(value);
  }
  const before = new Set(collected.found.map(placeKey));
  return collector.found.filter((occurrence) => !before.has(placeKey(occurrence)));
}

function placeKey({ kind, start, end }: Occurrence): string {
  return `${kind} ${start} ${end}`;
}

/** The block that an offset is in, or the last one before it. */
export function blockAt({ blocks }: FileIndex, offset: number): IndexedBlock | null {
  let [low, high] = [0, blocks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((blocks[middle]?.start ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return blocks[low - 1] ?? null;
}

export function shifted({ start, end }: TextRange, by: number): TextRange {
  return { start: start + by, end: end + by };
}
