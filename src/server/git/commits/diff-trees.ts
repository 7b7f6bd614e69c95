import type { GitObjects } from './objects.ts';
import { eachLevel, type TreeEntry } from './tree.ts';

export interface TreeDiff {
  /** Paths that only one has, or that are not the same in both; sorted. */
  readonly paths: readonly string[];
  /** Whether it was too much, and `paths` is a part of it. */
  readonly isCut: boolean;
}

/**
 * What differs between two trees, as `git diff --name-only --no-renames` says it. What is the same in both is not looked
 * into, so that it costs what has changed and not what there is.
 * @throws AppError `git-failed`
 */
export async function diffTrees(objects: GitObjects, before: string, after: string): Promise<TreeDiff> {
  const paths = new Set<string>();
  let folders = 0;
  let characters = 0;
  const isCut = (): boolean => paths.size > MAX_PATHS || folders > MAX_FOLDERS || characters > MAX_CHARACTERS;
  const root: readonly Pair[] = before === after ? [] : [{ prefix: '', before, after }];
  await eachLevel(objects, root, async (pair, read) => {
    if (isCut()) return [];
    folders++;
    const [earlier, later] = await Promise.all([
      pair.before === null ? [] : read(pair.before),
      pair.after === null ? [] : read(pair.after),
    ]);
    const below: Pair[] = [];
    for (const difference of differing(earlier, later)) {
      if (isCut()) return [];
      const path = `${pair.prefix}${difference.name}`;
      characters += path.length;
      if (isFile(difference.earlier) || isFile(difference.later)) paths.add(path);
      const [from, to] = [folderId(difference.earlier), folderId(difference.later)];
      if (from !== to) below.push({ prefix: `${path}/`, before: from, after: to });
    }
    return below;
  });
  return { paths: [...paths].sort(), isCut: isCut() };
}

interface Pair {
  readonly prefix: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** `changes` compares no more than 50,000 paths: with more of them every pattern holds. */
const MAX_PATHS = 50_000;
const MAX_FOLDERS = 100_000;
const MAX_CHARACTERS = 20_000_000;

interface Difference {
  readonly name: string;
  readonly earlier: TreeEntry | null;
  readonly later: TreeEntry | null;
}

function differing(before: readonly TreeEntry[], after: readonly TreeEntry[]): readonly Difference[] {
  const left = new Map(before.map((entry) => [entry.name, entry]));
  const differences: Difference[] = [];
  for (const later of after) {
    const earlier = left.get(later.name) ?? null;
    left.delete(later.name);
    if (earlier?.id !== later.id || earlier.mode !== later.mode) {
      differences.push({ name: later.name, earlier, later });
    }
  }
  for (const earlier of left.values()) differences.push({ name: earlier.name, earlier, later: null });
  return differences;
}

function isFile(entry: TreeEntry | null): boolean {
  return entry !== null && entry.kind !== 'folder';
}

function folderId(entry: TreeEntry | null): string | null {
  return entry?.kind === 'folder' ? entry.id : null;
}
