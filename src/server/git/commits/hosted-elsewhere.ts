import { highestRelease, isReleaseWish } from '../../../base/release-version.ts';
import { remembered } from '../../../base/remembered.ts';
import type { Elsewhere, OpenedComponent, OpenedProject } from '../../../config/index.ts';
import { readProjectPath } from '../project-path.ts';
import type { Commits } from './commits.ts';

export interface HostedElsewhereRequest {
  readonly commits: Commits;
  /** As components name this server: `HOST` or `HOST:PORT`. */
  readonly host: string;
  /** The number of the project at a path, `group/name`; null when there is none or the pipeline's user may not see it. */
  findProject(path: string): Promise<number | null>;
  /** What is neither a project nor a component of this server. */
  readonly others: Pick<Elsewhere, 'readRemote' | 'readTemplate' | 'openComponent'>;
}

/**
 * What is outside of a project, for a pipeline of the server: other projects of the same server, at once and without a
 * network. To be made anew for each pipeline, since it remembers its answers.
 */
export function hostedElsewhere(request: HostedElsewhereRequest): Elsewhere {
  const { commits, others } = request;
  const projects = new Map<string, Promise<OpenedProject>>();
  const components = new Map<string, Promise<OpenedComponent>>();

  async function find(path: string): Promise<number | null> {
    const name = readProjectPath(path);
    return name === null ? null : request.findProject(name);
  }

  async function openProject(path: string, ref: string | null): Promise<OpenedProject> {
    const project = await find(path);
    return project === null ? NO_PROJECT : openAt(commits, project, ref ?? 'HEAD');
  }

  async function openOwnComponent(path: string, version: string): Promise<OpenedComponent> {
    const project = await find(path);
    if (project === null) return NO_PROJECT;
    const isWish = isReleaseWish(version);
    const release = isWish
      ? highestRelease(await commits.tags(project), version)
      : await tagNamed(commits, project, version);
    const opened = await openAt(commits, project, release === null ? version : `refs/tags/${release}`);
    if (opened.kind === 'no-ref' && isWish) return { kind: 'no-release' };
    return opened.kind === 'opened' ? { ...opened, version: release } : opened;
  }

  return {
    ...others,
    openProject: (path, ref) => remembered(projects, `${path}\0${ref}`, () => openProject(path, ref)),
    openComponent(component) {
      const { host, project, version } = component;
      if (host !== request.host) return others.openComponent(component);
      return remembered(components, `${project}\0${version}`, () => openOwnComponent(project, version));
    },
  };
}

const NO_PROJECT = { kind: 'no-project', hint: null } as const;

async function openAt(commits: Commits, project: number, ref: string): Promise<OpenedProject> {
  const sha = await commits.resolve(project, ref);
  const files = sha === null ? null : await commits.files(project, sha);
  return files === null ? { kind: 'no-ref', hint: null } : { kind: 'opened', sha, files };
}

async function tagNamed(commits: Commits, project: number, name: string): Promise<string | null> {
  return (await commits.resolve(project, `refs/tags/${name}`)) === null ? null : name;
}
