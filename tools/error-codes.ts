import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * The codes that the sources give to Problems and AppErrors, each with the first place it is used. A code is a
 * kebab-case text of at least two words which is the first argument of `new AppError(…)`, or stands behind `code:` in
 * an object, behind `const code =`, or as a fallback (`code: x ?? 'that'`).
 */
export function codesInSources(root: string): ReadonlyMap<string, string> {
  const codes = new Map<string, string>();
  for (const path of sourceFiles(join(root, 'src'))) {
    const text = readFileSync(path, 'utf8');
    for (const match of text.matchAll(USE)) {
      const line = text.slice(0, match.index).split('\n').length;
      for (const [, code = ''] of (match[1] ?? '').matchAll(CODE)) {
        if (!codes.has(code)) codes.set(code, `${relative(root, path)}:${line}`);
      }
    }
  }
  return codes;
}

/** Places of codes that no text search can find: put together from parts, or one word that could be anything. */
export function unfindableCodes(text: string): readonly string[] {
  return [...text.matchAll(USE)].flatMap((match) => {
    const codes = [...(match[1] ?? '').matchAll(PUT_TOGETHER), ...match[0].matchAll(ONE_WORD)];
    const line = text.slice(0, match.index).split('\n').length;
    return codes.map(([code]) => `${line}: ${code}`);
  });
}

/** The codes that docs/errors.md has a section for: its headings of the third level. */
export function documentedCodes(root: string): readonly string[] {
  const text = readFileSync(join(root, 'docs/errors.md'), 'utf8');
  return [...text.matchAll(/^### `?([a-z0-9-]+)`?$/gm)].map((match) => match[1] ?? '');
}

/** The sources whose codes count: no tests. */
export function sourceFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && entry.name.endsWith('.ts') && !/\.(test|contract)\.ts$/.test(entry.name),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('/test-support/'))
    .sort();
}

const USE = /(?:new AppError\(\s*|\bcode: |\bconst code = |\b(?:report|fault|engineError)\()([^;]{0,160})/g;
const CODE = /'([a-z][a-z0-9]*(?:-[a-z0-9]+)+)'/g;
/** `undefined-${kind}`, `${kind}-in-later-stage` */
const PUT_TOGETHER = /`(?:[a-z0-9]+-)+\$\{[^`]*\}`|`\$\{\w+\}(?:-[a-z0-9]+)+`/g;
const ONE_WORD = /^(?:new AppError\(\s*|code: |const code = )'[a-z0-9]*'/g;
