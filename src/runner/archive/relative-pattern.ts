import { isAbsolute } from 'node:path';

/**
 * A path or glob as people write it in `artifacts:paths`, made relative to the project: `./dist/`, `dist`,
 * `/builds/project/dist` and `lib/../dist` are all `dist`; the project itself is the empty string.
 *
 * @param projectDirs the project directory's names: as the job sees it, as this process does.
 * @returns null when it leads out of the project.
 */
export function toRelativePattern(pattern: string, projectDirs: readonly string[]): string | null {
  if (!isAbsolute(pattern)) return clean(pattern);
  for (const projectDir of projectDirs) {
    const base = projectDir.replace(/\/+$/, '');
    if (pattern === base) return '';
    if (pattern.startsWith(`${base}/`)) return clean(pattern.slice(base.length + 1));
  }
  return null;
}

function clean(pattern: string): string | null {
  const kept: string[] = [];
  for (const component of pattern.split('/')) {
    if (component === '' || component === '.') continue;
    if (component !== '..') kept.push(component);
    else if (kept.pop() === undefined) return null;
  }
  return kept.join('/');
}
