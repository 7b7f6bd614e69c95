import { AppError } from '../../base/app-error.ts';

/**
 * Where the working copy of a project (`group/project`) stands for its job: `BUILDS/group/project`.
 * @throws AppError `project-path-invalid` for a path that could lead elsewhere.
 */
export function projectDirIn(builds: string, projectPath: string): string {
  const parts = projectPath.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new AppError('project-path-invalid', `Not a project's path: "${projectPath}".`);
  }
  return [builds, ...parts].join('/');
}
