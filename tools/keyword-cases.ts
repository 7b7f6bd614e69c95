import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Node, parseDocuments } from '../src/config/document/index.ts';
import type { Shape } from '../src/config/gitlab/entries/entry.ts';
import { isJob as hasWork } from '../src/config/gitlab/entries/job.ts';
import { ANY_NAME, fieldsOf, LANGUAGE, namedValuesOf } from '../src/config/gitlab/keywords/shapes.ts';
import { describedPath } from '../src/config/gitlab/keywords/table.ts';

/** A case of the tests: a folder with a pipeline file and what it must come to. */
export interface KeywordCase {
  /** From the root of the repository. */
  readonly folder: string;
  /** Whether the case is there to be refused. */
  readonly refused: boolean;
  /** The paths of the keywords that its files use. */
  readonly keywords: ReadonlySet<string>;
}

const FOLDERS = ['src/config/gitlab/cases', 'test/run/cases'] as const;

/** Every case, and the keywords that its files use: read from the trees of the files, as the language has them. */
export function keywordCases(root: string): readonly KeywordCase[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder))
      .sort()
      .map((name) => readCase(root, join(folder, name))),
  );
}

/**
 * The cases that use a keyword, the plainest first: those that are read before those that are refused, then those that
 * use the fewest keywords. What means the same elsewhere counts too.
 */
export function casesOf(path: string, cases: readonly KeywordCase[]): readonly KeywordCase[] {
  return cases
    .filter(({ keywords }) => keywords.has(path))
    .toSorted((a, b) => Number(a.refused) - Number(b.refused) || a.keywords.size - b.keywords.size);
}

/** From docs/reference. */
export function linkTo(folder: string): string {
  return relative('docs/reference', folder);
}

function readCase(root: string, folder: string): KeywordCase {
  const keywords = new Set<string>();
  for (const file of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
    if (!file.isFile() || !/\.ya?ml$/.test(file.name)) continue;
    const path = join(file.parentPath, file.name);
    const { documents } = parseDocuments({ name: path, text: readFileSync(path, 'utf8') });
    for (const document of documents) for (const used of usedKeywords(document)) keywords.add(used);
  }
  const expected: unknown = JSON.parse(readFileSync(join(root, folder, 'expect.json'), 'utf8'));
  return { folder, refused: isRefused(expected), keywords };
}

/** In cases of the language it is said; a run is refused with the exit code of a wrong file. */
function isRefused(expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) throw new Error('expect.json holds no object');
  return 'valid' in expected ? expected.valid !== true : 'exit' in expected && expected.exit === 2;
}

/** The paths of the keywords in a document, and of those that they mean the same as. */
export function usedKeywords(document: Node): ReadonlySet<string> {
  const used = new Set<string>();

  function addBelow(node: Node, path: string, shape: Shape): void {
    if (describedPath(path) !== null) used.add(path).add(describedPath(path) ?? path);
    if (node.kind === 'sequence') for (const item of node.items) addBelow(item, path, shape);
    if (node.kind !== 'mapping') return;
    const fields = fieldsOf(shape);
    const named = namedValuesOf(shape);
    for (const [name, { value }] of node.entries) {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (field !== undefined) addBelow(value, `${path}:${name}`, field);
      else if (named !== null) addBelow(value, `${path}:${ANY_NAME}`, named);
    }
  }

  for (const [name, { value }] of document.kind === 'mapping' ? document.entries : []) {
    const path = Object.hasOwn(LANGUAGE, name) && !isJob(value) ? name : 'job';
    const shape = LANGUAGE[path];
    if (shape !== undefined) addBelow(value, path, shape);
  }
  return used;
}

/** `default` and `workflow` are jobs when they have what only a job has. */
function isJob(value: Node): boolean {
  return value.kind === 'mapping' && hasWork(value);
}
