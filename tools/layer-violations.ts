import { dirname, join } from 'node:path/posix';
import { mayImport } from './layers.ts';

/** The sources by their path from the top of the checkout (`src/base/clock.ts`), with their text. */
export type SourceTexts = ReadonlyMap<string, string>;

interface Import {
  readonly from: string;
  /** A path like those of the sources, or the name of a package. */
  readonly to: string;
  readonly typeOnly: boolean;
}

/**
 * Everything in which the sources break the layer rule, in words: an import from a higher layer, past an index.ts, in a
 * circle, or of a package that is only there for development; and files that nobody imports.
 *
 * Imports are found by their text, types included: what `tsc` and the formatter leave of the ways to write one is few.
 */
export function layerViolations(sources: SourceTexts, packages: ReadonlySet<string>): readonly string[] {
  const imports = [...sources].flatMap(([path, text]) => importsOf(path, text));
  return [
    ...imports.flatMap((one) => wrongImport(one, packages)),
    ...orphans(sources, imports),
    ...circles(imports),
  ];
}

function importsOf(path: string, text: string): readonly Import[] {
  return [...text.matchAll(IMPORT)].map((match) => {
    const name = match[2] ?? match[3] ?? '';
    const to = name.startsWith('.') ? join(dirname(path), name) : name;
    return { from: path, to, typeOnly: match[1] !== undefined };
  });
}

/** `import … from 'x'`, `export … from 'x'`, `import 'x'` at the start of a line, and `import('x')` anywhere. */
const IMPORT =
  /^(?:import|export)\b(\s+type\b)?(?:[^'";]*?\bfrom)?\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;

function wrongImport({ from, to, typeOnly }: Import, packages: ReadonlySet<string>): readonly string[] {
  const importer = layerOf(from);
  if (importer === null) return [];
  const imported = layerOf(to);
  if (imported === null) {
    if (to.startsWith('node:') || isTest(from) || to.endsWith('.json')) return [];
    const name = to
      .split('/')
      .slice(0, to.startsWith('@') ? 2 : 1)
      .join('/');
    return typeOnly || packages.has(name)
      ? []
      : [`${from} imports ${to}, which is not among the dependencies`];
  }
  if (!mayImport(importer, imported)) return [`${from} imports ${to}: ${importer} may not know ${imported}`];
  if (imported === importer || imported === 'base' || to === `src/${imported}/index.ts`) return [];
  if (isTest(from) && to.includes('/test-support/')) return [];
  return [`${from} imports ${to} and not src/${imported}/index.ts`];
}

function orphans(sources: SourceTexts, imports: readonly Import[]): readonly string[] {
  // The door of a layer may be there before anybody above it; its tests go through it then.
  const isWanted = ({ from, to }: Import) =>
    !isTest(from) || isTest(to) || /^src\/[^/]+\/index\.ts$/.test(to);
  const wanted = new Set(imports.filter(isWanted).map(({ to }) => to));
  return [...sources.keys()]
    .filter(
      (path) => layerOf(path) !== null && !isTest(path) && path !== 'src/cli/main.ts' && !wanted.has(path),
    )
    .map((path) => `${path} is imported by nobody`);
}

/** Circles of imports that are there when the program runs; each is told once. */
function circles(imports: readonly Import[]): readonly string[] {
  const edges = Map.groupBy(
    imports.filter((one) => !one.typeOnly),
    (one) => one.from,
  );
  const done = new Set<string>();
  const found: string[] = [];
  function visit(path: string, way: readonly string[]): void {
    const at = way.indexOf(path);
    if (at !== -1) found.push(`a circle: ${[...way.slice(at), path].join(' → ')}`);
    if (at !== -1 || done.has(path)) return;
    for (const { to } of edges.get(path) ?? []) visit(to, [...way, path]);
    done.add(path);
  }
  for (const path of edges.keys()) visit(path, []);
  return found;
}

function layerOf(path: string): string | null {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? null;
}

/** Tests, what tests share, and the suites that implementations of a port must pass. */
function isTest(path: string): boolean {
  return /\.(test|contract)\.ts$|\/test-support\//.test(path);
}
