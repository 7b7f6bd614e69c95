import { createHash } from 'node:crypto';
import type { Cache } from '../../pipeline/index.ts';
import { finalCacheKey } from '../../protocol/index.ts';
import type { Commits } from '../git/index.ts';

/** The part of a cache's key that is made of files of a commit. */
export interface CacheKeys {
  ofFiles(projectId: number, sha: string, files: readonly string[]): Promise<string | null>;
}

/** Remembers the last few: all jobs of a pipeline ask the same. */
export function createCacheKeys(commits: Commits): CacheKeys {
  const known = new Map<string, Promise<string | null>>();

  async function hashOf(projectId: number, sha: string, files: readonly string[]): Promise<string | null> {
    const hash = createHash('sha1');
    let isAny = false;
    for (const file of [...files].sort()) {
      const read = await commits.readFileAtRef(projectId, sha, file);
      if (read === null || read.kind === 'absent') continue;
      isAny = true;
      hash.update(`${file}\0${read.kind === 'text' ? read.text : read.kind}\0`);
    }
    return isAny ? hash.digest('hex') : null;
  }

  return {
    ofFiles(projectId, sha, files) {
      const key = JSON.stringify([projectId, sha, files]);
      let found = known.get(key);
      if (found === undefined) {
        found = hashOf(projectId, sha, files);
        found.catch(() => known.delete(key));
        known.set(key, found);
        for (const oldest of known.keys()) {
          if (known.size <= MOST_KNOWN) break;
          known.delete(oldest);
        }
      }
      return found;
    },
  };
}

const MOST_KNOWN = 1000;

/**
 * The final keys of a job's caches, in their order. Those of files are the files' content; GitLab takes the commits that
 * changed them last, which gives a new key for a file that was changed back. Without any of the files the key is
 * `default`, as in GitLab.
 */
export async function finalKeys(
  keys: CacheKeys,
  caches: readonly Cache[],
  scope: { readonly projectId: number; readonly sha: string; readonly isProtected: boolean },
): Promise<readonly { readonly key: string; readonly fallbackKeys: readonly string[] }[]> {
  return Promise.all(
    caches.map(async ({ key, fallbackKeys, unprotect }) => {
      const final = (text: string) => finalCacheKey(text, { isProtected: scope.isProtected, unprotect });
      const own = key.kind === 'text' ? key.text : await keyOfFiles(keys, key, scope);
      return { key: final(own), fallbackKeys: fallbackKeys.map(final) };
    }),
  );
}

async function keyOfFiles(
  keys: CacheKeys,
  { files, prefix }: Exclude<Cache['key'], { readonly kind: 'text' }>,
  { projectId, sha }: { readonly projectId: number; readonly sha: string },
): Promise<string> {
  const hash = (await keys.ofFiles(projectId, sha, files)) ?? 'default';
  return prefix === null ? hash : `${prefix}-${hash}`;
}
