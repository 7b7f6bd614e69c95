import { randomUUID } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobSpec } from '../../protocol/index.ts';
import type { MountedVolume } from '../executor.ts';
import { removeTree } from '../folder/remove-tree.ts';
import type { Workspace, WorkspaceRequest, WorkspaceSource } from '../ports.ts';

/** What jobs of one pipeline share on disk. Disposed of after the last of them. */
export interface SharedFolders extends AsyncDisposable {
  /** Where the job's working copy comes from: `own`, or the one that it shares, which `own` makes for the first job. */
  workspacesFor(job: SharingJob, own: WorkspaceSource): WorkspaceSource;
  /** The folders of the job's volumes, made when a job names them for the first time. */
  volumesOf(job: SharingJob): Promise<readonly MountedVolume[]>;
}

export type SharingJob = Pick<JobSpec, 'sharedWorkspace' | 'volumes'>;

export interface SharedFoldersOptions {
  /** A private folder of this machine, for the volumes. */
  readonly parent: string;
  /** Makes everything below a folder removable for this process. */
  readonly reclaim: (folder: string) => Promise<void>;
}

export function createSharedFolders({ parent, reclaim }: SharedFoldersOptions): SharedFolders {
  const copies = new Map<string, SharedCopy>();
  const volumes = new Map<string, Promise<string>>();

  async function sharedCopy(
    name: string,
    request: WorkspaceRequest,
    own: WorkspaceSource,
  ): Promise<Workspace> {
    for (;;) {
      const found = copies.get(name);
      const copy = found ?? {
        made: own.create({ ...request, sources: true, layered: false }),
        signal: request.signal,
      };
      copies.set(name, copy);
      try {
        return await copy.made;
      } catch (error) {
        // One that could not be made is made again for the next job; at once, when only its own job was stopped.
        if (copies.get(name) === copy) copies.delete(name);
        if (found === undefined || !found.signal.aborted || request.signal.aborted) throw error;
      }
    }
  }

  function volumeFolder(name: string): Promise<string> {
    const found = volumes.get(name) ?? makeVolume(parent);
    volumes.set(name, found);
    return found;
  }

  return {
    workspacesFor({ sharedWorkspace }, own) {
      if (sharedWorkspace === undefined) return own;
      return {
        ...(own.honours === undefined ? {} : { honours: own.honours }),
        async create(request) {
          const { path, layer } = await sharedCopy(sharedWorkspace.name, request, own);
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
      const made = await Promise.allSettled(Array.from(copies.values(), ({ made: copy }) => copy));
      for (const copy of made) {
        if (copy.status !== 'fulfilled') continue;
        const { path } = copy.value;
        await reclaiming(path, reclaim, async () => await copy.value[Symbol.asyncDispose]());
      }
      for (const folder of await Promise.allSettled([...volumes.values()])) {
        if (folder.status !== 'fulfilled') continue;
        await reclaiming(folder.value, reclaim, () => removeTree(join(folder.value, '..')));
      }
    },
  };
}

interface SharedCopy {
  readonly made: Promise<Workspace>;
  /** Of the job for which it is made. */
  readonly signal: AbortSignal;
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
