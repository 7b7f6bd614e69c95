import { AppError } from '../../base/app-error.ts';
import type { CreateProjectOptions, DeleteProjectOptions } from '../commands/project.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, print } from '../io.ts';
import { openRemote } from './open-remote.ts';
import type { RemoteOptions } from './remote-options.ts';
import { showJson, showTable } from './show-table.ts';

/** What `slipway project create` does. */
export async function createProject(io: Io, path: string, options: CreateProjectOptions): Promise<number> {
  const { client, schemas } = await openRemote(io, options);
  const at = path.lastIndexOf('/');
  if (at < 1) throw new AppError('bad-option', `${path} is no path of a project: it is group/name.`);
  const project = await client.send('POST', '/projects', schemas.RestProject, {
    path: path.slice(at + 1),
    namespace_path: path.slice(0, at),
    ...(options.defaultBranch === undefined ? {} : { default_branch: options.defaultBranch }),
    ...(options.public === true ? { visibility: 'public' } : {}),
  });
  if (options.json === true) await showJson(io, project);
  else await print(io.stdout, `${project.path_with_namespace}\n  clone  ${project.http_url_to_repo}\n`);
  return EXIT.success;
}

/** What `slipway project list` does. */
export async function listProjects(io: Io, options: RemoteOptions): Promise<number> {
  const { client, schemas } = await openRemote(io, options);
  const projects = [];
  for await (const project of client.list('/projects', schemas.RestProject, { sort: 'asc' }))
    projects.push(project);
  if (options.json === true) await showJson(io, projects);
  else {
    const rows = projects.map((one) => [
      String(one.id),
      one.path_with_namespace,
      one.visibility,
      one.default_branch,
    ]);
    await showTable(io, ['ID', 'PATH', 'VISIBILITY', 'BRANCH'], rows, 'There are no projects.');
  }
  return EXIT.success;
}

/** What `slipway project delete` does. */
export async function deleteProject(io: Io, path: string, options: DeleteProjectOptions): Promise<number> {
  if (options.yes !== true) {
    throw new AppError('not-confirmed', `${path} would be gone with its repository and all its pipelines.`, {
      hint: 'Say --yes if that is what you want.',
    });
  }
  const { client, schemas } = await openRemote(io, options);
  await client.send('DELETE', `/projects/${encodeURIComponent(path)}`, schemas.RestAccepted);
  if (options.json === true) await showJson(io, { deleted: path });
  else await print(io.stdout, `${path} is deleted.\n`);
  return EXIT.success;
}
