import { isAbsolute, join } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import { createServerClient, findServer, type ServerClient } from '../../client/index.ts';
import { type RestProject, restSchemas } from '../../protocol/index.ts';
import type { Io } from '../io.ts';
import { dataFolder } from '../server-options.ts';
import { projectOfRemotes } from './project-of-remotes.ts';
import type { RemoteOptions, RemoteProjectOptions } from './remote-options.ts';

export interface Remote {
  readonly client: ServerClient;
  readonly token: string;
  readonly schemas: Awaited<ReturnType<typeof restSchemas>>;
}

export interface RemoteProject extends Remote {
  readonly project: RestProject;
  /** `/projects/…`, for the addresses of what belongs to it. */
  readonly at: string;
}

/** The server that is meant. Throws what `findServer` throws. */
export async function openRemote(io: Io, { server, tokenFile }: RemoteOptions): Promise<Remote> {
  const place = await findServer({
    server,
    tokenFile: tokenFile === undefined || isAbsolute(tokenFile) ? tokenFile : join(io.folder, tokenFile),
    environment: io.environment,
    dataFolder: dataFolder({}, io),
  });
  return { client: createServerClient(place), token: place.token, schemas: await restSchemas() };
}

/** The project on it that is meant: named, or found by the remotes of the repository. Throws AppError `no-project`. */
export async function openRemoteProject(io: Io, options: RemoteProjectOptions): Promise<RemoteProject> {
  const remote = await openRemote(io, options);
  const { client, schemas } = remote;
  const named = options.project ?? io.environment.SLIPWAY_PROJECT;
  const path =
    named === undefined || named === '' ? await projectOfRemotes(io.folder, client.address) : named;
  if (path === null) {
    throw new AppError('no-project', `No project is named, and no remote here leads to ${client.address}.`, {
      hint: 'Name it with --project; `slipway project list` shows those there are.',
    });
  }
  const project = await client.get(`/projects/${encodeURIComponent(path)}`, schemas.RestProject);
  return { ...remote, project, at: `/projects/${project.id}` };
}
