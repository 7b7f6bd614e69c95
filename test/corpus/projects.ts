import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A public project whose pipeline file is read: where it is, never what is in it. */
export interface Project {
  /** `owner/name` on GitHub. */
  readonly repository: string;
  readonly commit: string;
  /** `group/name` on its GitLab, which its rules may ask for. */
  readonly project: string;
  /** The default branch. */
  readonly branch: string;
  /** The pipeline file. */
  readonly file: string;
  readonly shows: string;
  /** Codes of errors that are right, with what they come from. */
  readonly refuses: Readonly<Record<string, string>>;
  /** Other projects that are among the checkouts: `group/name` on GitLab to `owner/name` on GitHub. */
  readonly found: Readonly<Record<string, string>>;
  /**
   * What stands in for each include from outside that is not: the text of `stand-ins/OWNER+NAME.yml`, written for this
   * list, or a file without jobs.
   */
  readonly standIn: string;
}

/** The list in gitlab.json. */
export function projects(): readonly Project[] {
  const list = JSON.parse(
    readFileSync(join(import.meta.dirname, 'gitlab.json'), 'utf8'),
  ) as readonly Listed[];
  return list.map(({ repository, commit, project, branch, file, shows, refuses, found }) => ({
    repository,
    commit,
    project: project ?? repository,
    branch: branch ?? 'main',
    file: file ?? '.gitlab-ci.yml',
    shows,
    refuses: refuses ?? {},
    found: found ?? {},
    standIn: standInFor(repository),
  }));
}

/** As written in the list: what is usual is left out. */
interface Listed extends Pick<Project, 'repository' | 'commit' | 'shows'> {
  readonly project?: string;
  readonly branch?: string;
  readonly file?: string;
  readonly refuses?: Readonly<Record<string, string>>;
  readonly found?: Readonly<Record<string, string>>;
}

/** The name of a project's folder: `owner+name`. */
export function folderName(repository: string): string {
  return repository.replace('/', '+');
}

function standInFor(repository: string): string {
  const path = join(import.meta.dirname, 'stand-ins', `${folderName(repository)}.yml`);
  return existsSync(path) ? readFileSync(path, 'utf8') : 'variables: {}\n';
}
