import { join } from 'node:path';
import { type GitSsh, type GitSshOptions, startGitSsh } from './git/index.ts';
import { listeningFailed } from './listening-failed.ts';
import type { ServerOptions } from './server-options.ts';

/** Serves git over SSH where the options say so; null: they do not. Throws as `startServer` does. */
export async function listenSsh(
  { host, sshPort, dataFolder }: ServerOptions,
  git: Pick<GitSshOptions, 'repositories' | 'surroundings'>,
): Promise<GitSsh | null> {
  if (sshPort === undefined) return null;
  try {
    return await startGitSsh({ ...git, keyFolder: join(dataFolder, 'keys'), port: sshPort, host });
  } catch (cause) {
    throw listeningFailed(cause, host, sshPort);
  }
}
