import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';

/** The shell for a job's scripts: bash where there is one, else the sh that POSIX promises. An absolute path. */
export async function findShell(searchPath: string): Promise<string> {
  for (const folder of searchPath.split(':').filter((entry) => entry.startsWith('/'))) {
    const candidate = join(folder, 'bash');
    const found = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return candidate;
  }
  return '/bin/sh';
}
