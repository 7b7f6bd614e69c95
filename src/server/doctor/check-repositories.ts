import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { listProjects, type Store } from '../../store/index.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** Projects without a repository, and repositories without a project. */
export async function checkRepositories(store: Store, root: string): Promise<readonly Finding[]> {
  const folders = new Set(
    (await readdir(root).catch(() => [])).filter((name) => /^[1-9][0-9]*\.git$/.test(name)),
  );
  const missing: string[] = [];
  let count = 0;
  for (let after = 0; ; ) {
    const projects = await store.read((db) => listProjects(db, {}, { limit: AT_ONCE, after }));
    for (const { id, path } of projects) {
      after = id;
      count += 1;
      if (!folders.delete(`${id}.git`) || !existsSync(join(root, `${id}.git`, 'HEAD'))) missing.push(path);
    }
    if (projects.length < AT_ONCE) break;
  }
  const findings: Finding[] = [];
  if (missing.length > 0) {
    findings.push(
      problem(
        'repositories',
        `${missing.length} projects have no repository: ${some(missing)}.`,
        'Restore a backup, or delete the projects and make them again.',
      ),
    );
  }
  if (folders.size > 0) {
    findings.push(
      warning(
        'repositories',
        `${folders.size} repositories belong to no project: ${some([...folders])}.`,
        `Move them out of ${root} when nobody misses them.`,
      ),
    );
  }
  return findings.length > 0
    ? findings
    : [ok('repositories', `Each of ${count} projects has its repository.`)];
}

const AT_ONCE = 500;

function some(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')}, …` : names.join(', ');
}
