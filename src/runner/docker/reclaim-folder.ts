import { currentOwner } from '../owner/process-owner.ts';
import type { Engine } from './engine.ts';
import { engineError, removeContainer } from './engine.ts';
import { ownerLabels } from './ownership.ts';
import { waitForExit } from './wait-for-exit.ts';

const TARGET = '/reclaim';

/**
 * Gives everything below the folder to this process's user, by a container that runs `chown` as root: what a container
 * wrote as root can otherwise be neither read nor removed by a person who is not. Symbolic links are not followed.
 * @throws AppError `docker-request-failed` when the image has no `chown`, or it fails.
 */
export async function reclaimFolder(
  engine: Engine,
  imageId: string,
  folder: string,
  runId: string,
): Promise<void> {
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  try {
    const container = await engine.createContainer({
      Image: imageId,
      Labels: { ...ownerLabels(currentOwner(), runId) },
      User: '0:0',
      Entrypoint: ['chown'],
      Cmd: ['-h', '-R', user, TARGET],
      HostConfig: {
        NetworkMode: 'none',
        Mounts: [{ Type: 'bind', Source: folder, Target: TARGET }],
      },
    });
    try {
      await container.start();
      const code = await waitForExit(container);
      if (code !== 0) throw new Error(`chown ended with exit code ${code}`);
    } finally {
      await removeContainer(container);
    }
  } catch (error) {
    throw engineError(error, `take back the files that a container wrote to ${folder}`);
  }
}
