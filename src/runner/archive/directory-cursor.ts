import { type OpenDirectory, openDirectory } from './open-directory.ts';

/**
 * Moves through a tree with every directory on the way from the root held open, each opened in the one before it. Files
 * that come directory by directory cost one open a directory, and no path is ever resolved from the root.
 */
export interface DirectoryCursor extends AsyncDisposable {
  readonly root: OpenDirectory;
  /** The directory at this relative path (`''`: the root); stays open until the next move. */
  moveTo(path: string): Promise<OpenDirectory>;
}

/** Deeper than any real project; each level costs an open file. */
export const MAX_DEPTH = 200;

/**
 * @param enter opens, or makes and opens, a child directory.
 * @throws as openDirectory, and what `enter` throws.
 */
export async function openDirectoryCursor(
  rootPath: string,
  enter: (parent: OpenDirectory, name: string, path: string) => Promise<OpenDirectory>,
): Promise<DirectoryCursor> {
  const root = await openDirectory(rootPath);
  const chain: { readonly name: string; readonly directory: OpenDirectory }[] = [];

  async function leaveUntil(depth: number): Promise<void> {
    while (chain.length > depth) await chain.pop()?.directory[Symbol.asyncDispose]();
  }

  return {
    root,
    async moveTo(path) {
      const names = path === '' ? [] : path.split('/');
      let shared = 0;
      while (shared < names.length && chain[shared]?.name === names[shared]) shared += 1;
      await leaveUntil(shared);
      let current = chain.at(-1)?.directory ?? root;
      for (const [index, name] of names.entries()) {
        if (index < shared) continue;
        current = await enter(current, name, names.slice(0, index + 1).join('/'));
        chain.push({ name, directory: current });
      }
      return current;
    },
    async [Symbol.asyncDispose]() {
      await leaveUntil(0);
      await root[Symbol.asyncDispose]();
    },
  };
}
