import { runGit } from '../../base/git.ts';

/**
 * The path of the project that a remote of the repository in this folder leads to on a server: of `origin`, or else of
 * the first that does. null: none does, or there is no repository.
 */
export async function projectOfRemotes(folder: string, server: string): Promise<string | null> {
  const read = await runGit(folder, ['config', '-z', '--get-regexp', String.raw`^remote\..*\.url$`]);
  if (!read.ok) return null;
  const remotes = read.stdout.split('\0').flatMap((entry) => {
    const [name = '', url = ''] = entry.split('\n', 2);
    const path = pathOn(server, url);
    return path === null ? [] : { isOrigin: name === 'remote.origin.url', path };
  });
  return (remotes.find(({ isOrigin }) => isOrigin) ?? remotes[0])?.path ?? null;
}

/** null: it leads to another server, or is no address of HTTP. */
function pathOn(server: string, url: string): string | null {
  if (!URL.canParse(url)) return null;
  const [there, here] = [new URL(url), new URL(server)];
  if (there.host !== here.host || there.protocol !== here.protocol) return null;
  const base = here.pathname.replace(/\/+$/, '');
  if (!there.pathname.startsWith(`${base}/`)) return null;
  const path = there.pathname.slice(base.length + 1).replace(/(?:\.git)?\/*$/, '');
  // No project has a name that has to be encoded.
  return path.includes('/') && !path.includes('%') ? path : null;
}
