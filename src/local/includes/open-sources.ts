import { join } from 'node:path';
import type { Elsewhere, Sources } from '../../config/index.ts';
import { type GitServer, serverAt, serverOfRemote } from '../../includes/index.ts';
import { projectSources } from '../project-sources.ts';
import { answer } from '../repository.ts';
import { cacheFolder } from '../state-folders.ts';
import type { ElsewhereRequest } from './elsewhere.ts';

export interface SourcesRequest {
  /** The top folder of the project. */
  readonly root: string;
  /** `group/name` of the project itself. */
  readonly ownPath: string;
  /** `--server`; null: the one that the remote `origin` is on. */
  readonly server: string | null;
  /** `--project`: folders by `group/name`. */
  readonly checkouts: ReadonlyMap<string, string>;
  /** `--allow-host` */
  readonly allowedHosts: readonly string[];
  readonly mode: ElsewhereRequest['mode'];
  readonly environment: NodeJS.ProcessEnv;
  readonly warn: (message: string) => void;
}

/** The files of a project, and the ways from it to elsewhere, which cost nothing until an include takes one. */
export function openSources(request: SourcesRequest): Sources {
  let opening: Promise<Elsewhere> | null = null;
  const elsewhere = () => {
    opening ??= openLazily(request);
    return opening;
  };
  return projectSources(request.root, {
    openProject: async (path, ref) => (await elsewhere()).openProject(path, ref),
    openComponent: async (component) => (await elsewhere()).openComponent(component),
    readRemote: async (address, shown) => (await elsewhere()).readRemote(address, shown),
    readTemplate: async (name) => (await elsewhere()).readTemplate(name),
  });
}

async function openLazily(request: SourcesRequest): Promise<Elsewhere> {
  const { environment, allowedHosts, root } = request;
  const { openElsewhere } = await import('./elsewhere.ts');
  const origin =
    request.server === null ? await answer(root, ['config', '--get', 'remote.origin.url']) : null;
  const found =
    request.server === null ? (origin === null ? null : serverOfRemote(origin)) : serverAt(request.server);
  const token = found === null ? null : tokenFor(found, environment);
  // A token is of no use to ssh.
  const byToken =
    token !== null && found?.protocol === 'ssh' ? serverAt(`https://${found.componentHost}`) : null;
  return openElsewhere({
    ...request,
    server: byToken ?? found,
    token,
    allowedHosts: new Set(allowedHosts.map((host) => host.toLowerCase().replace(/^\[|\]$/g, ''))),
    cacheFolder: join(cacheFolder(environment), 'includes'),
  });
}

/** A job's own token is for the server it runs on. */
function tokenFor(server: GitServer, environment: NodeJS.ProcessEnv): ElsewhereRequest['token'] {
  const { SLIPWAY_TOKEN, CI_JOB_TOKEN, CI_SERVER_HOST } = environment;
  if (SLIPWAY_TOKEN) return { user: 'oauth2', secret: SLIPWAY_TOKEN };
  if (CI_JOB_TOKEN && CI_SERVER_HOST?.toLowerCase() === server.host) {
    return { user: 'gitlab-ci-token', secret: CI_JOB_TOKEN };
  }
  return null;
}
