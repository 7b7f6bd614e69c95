import { randomUUID } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildJob } from '../pipeline/index.ts';
import {
  type MountedVolume,
  removeTree,
  type Workspace,
  type WorkspaceRequest,
  type WorkspaceSource,
} from '../runner/index.ts';

/** What jobs of one pipeline share on disk. Disposed of after the last of them. */
export interface SharedFolders extends AsyncDisposable {
  /** Where the job's working copy comes from: one of its own, or the one that it shares, made for the first job. */
  workspacesFor(job: BuildJob): WorkspaceSource;
  /** The folders of the job's volumes, made when a job names them for the first time. */
  volumesOf(job: BuildJob): Promise<readonly MountedVolume[]>;
}

export interface SharedFoldersOptions {
  /** Of the pipeline's project. */
  readonly workspaces: WorkspaceSource;
  /** A private folder of this machine, for the volumes. */
  readonly parent: string;
  /** Makes everything below a folder removable for this process. */
  readonly reclaim: (folder: string) => Promise<void>;
}

export function createSharedFolders({ workspaces, parent, reclaim }: SharedFoldersOptions): SharedFolders {
  const copies = new Map<string, Promise<Workspace>>();
  const volumes = new Map<string, Promise<string>>();

  function sharedCopy(name: string, request: WorkspaceRequest): Promise<Workspace> {
    const found = copies.get(name) ?? workspaces.create({ ...request, sources: true, layered: false });
    copies.set(name, found);
    return found;
  }

  function volumeFolder(name: string): Promise<string> {
    const found = volumes.get(name) ?? makeVolume(parent);
    volumes.set(name, found);
    return found;
  }

  return {
    workspacesFor(job) {
      const { sharedWorkspace } = job;
      if (sharedWorkspace === undefined) return workspaces;
      return {
        async create(request) {
          const { path, layer } = await sharedCopy(sharedWorkspace.name, request);
          return { path, layer, [Symbol.asyncDispose]: () => Promise.resolve() };
        },
      };
    },
    volumesOf: async (job) =>
      await Promise.all(
        (job.volumes ?? []).map(async ({ name, path }) => ({ folder: await volumeFolder(name), path })),
      ),
    async [Symbol.asyncDispose]() {
      // What could not be made has told its job, and left nothing to remove.
      const made = await Promise.allSettled([...copies.values()]);
      for (const copy of made) {
        if (copy.status !== 'fulfilled') continue;
        const { path } = copy.value;
        await reclaiming(path, reclaim, async () => await copy.value[Symbol.asyncDispose]());
      }
      for (const folder of await Promise.allSettled([...volumes.values()])) {
        if (folder.status !== 'fulfilled') continue;
        await reclaiming(folder.value, reclaim, () => removeTree(folder.value));
      }
    },
  };
}

/** Open to every user, as a volume of an engine is: who a step's image runs as is not known. */
async function makeVolume(parent: string): Promise<string> {
  const folder = join(parent, `volume-${randomUUID().slice(0, 8)}`, 'files');
  await mkdir(join(folder, '..'), { recursive: true, mode: 0o700 });
  await mkdir(folder);
  await chmod(folder, 0o777);
  return folder;
}

async function reclaiming(
  folder: string,
  reclaim: SharedFoldersOptions['reclaim'],
  remove: () => Promise<void>,
): Promise<void> {
  try {
    await remove();
  } catch {
    await reclaim(folder); // Written by a container's user: then the engine can give it back.
    await remove();
  }
}
