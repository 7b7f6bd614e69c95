import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A repository of a test, and what came of pushing from it. */
export interface Pusher {
  /** Commits and pushes. Answers with the commit when git says that it was taken, and null when not. */
  push(file: string): Promise<string | null>;
  readonly folder: string;
}

/** `address` is asked anew for each push; every push goes to a branch of its own. */
export async function createPusher(
  folder: string,
  name: string,
  address: () => string,
  token: string,
): Promise<Pusher> {
  const clone = join(folder, name);
  await mkdir(clone, { recursive: true });
  await git(clone, 'init', '--quiet', '--initial-branch=main');
  await git(clone, 'config', 'user.name', name);
  await git(clone, 'config', 'user.email', `${name}@localhost`);
  let count = 0;
  return {
    folder: clone,
    async push(file) {
      await writeFile(join(clone, '.gitlab-ci.yml'), file);
      await git(clone, 'add', '--all');
      count += 1;
      await git(clone, 'commit', '--quiet', '--allow-empty', '-m', `${name} ${count}`);
      const sha = (await git(clone, 'rev-parse', 'HEAD')).trim();
      const url = new URL(`${address()}/team/app.git`);
      url.username = 'root';
      url.password = token;
      try {
        await git(clone, 'push', '--quiet', url.href, `HEAD:refs/heads/${name}-${count}`);
        return sha;
      } catch {
        return null; // It may have been taken all the same: nobody was told.
      }
    },
  };
}

export function git(folder: string, ...args: readonly string[]): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
  return new Promise((resolve, reject) => {
    execFile('git', ['-C', folder, ...args], { env, timeout: 60_000 }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
}
