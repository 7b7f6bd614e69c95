import type { JobCache } from '../../protocol/index.ts';
import { filesText, sizeText } from '../archive/size-text.ts';
import { type UnpackLimits, unpackFiles } from '../archive/unpack-files.ts';
import type { JobLog } from '../log/job-log.ts';
import type { CacheStore } from '../ports.ts';
import { bestEffort } from './best-effort.ts';
import { resolveCacheKey } from './cache-key.ts';
import { readCachePolicy } from './cache-policy.ts';

export interface RestoreCachesRequest {
  readonly store: CacheStore;
  /** Variables expanded; CACHE_FALLBACK_KEY, where it is set, is the last of each one's fallback keys. */
  readonly caches: readonly JobCache[];
  readonly workspace: string;
  readonly log: JobLog;
  readonly signal: AbortSignal;
  readonly limits?: UnpackLimits;
}

/**
 * Unpacks each cache whose policy says pull: its own key's, or else that of the first fallback key that has one.
 * Nothing here fails a job; what goes wrong is a warning in its log.
 *
 * @returns the caches with their keys worked out, for saveCaches: the script may change the very files a key is made
 *   of, and what it saves belongs to the key it started with.
 * @throws the signal's reason when aborted.
 */
export async function restoreCaches(request: RestoreCachesRequest): Promise<readonly JobCache[]> {
  const { caches, workspace, log, signal } = request;
  const resolved: JobCache[] = [];
  for (const [index, cache] of caches.entries()) {
    const key = await bestEffort(log, signal, 'The key of a cache could not be worked out', () =>
      resolveCacheKey(cache.key, index, workspace),
    );
    if (key === null) continue;
    resolved.push({ ...cache, key: { kind: 'text', text: key } });
    if ((await readCachePolicy(cache.policy, log)) === 'push') continue;
    await restoreFirst(request, [key, ...cache.fallbackKeys.filter((fallback) => fallback !== '')]);
  }
  return resolved;
}

async function restoreFirst(request: RestoreCachesRequest, keys: readonly string[]): Promise<void> {
  const { store, workspace, log, signal, limits } = request;
  for (const key of keys) {
    await log.line(`Checking cache for ${key}...`, 'info');
    const isDone = await bestEffort(log, signal, `Cache ${key} could not be restored`, async () => {
      const archive = await store.get(key);
      if (archive === null) return false;
      const unpacked = await unpackFiles({
        archive,
        folder: workspace,
        signal,
        ...(limits === undefined ? {} : { limits }),
      });
      await log.line(`Restored cache ${key}: ${filesText(unpacked.files)}, ${sizeText(unpacked.bytes)}`);
      return true;
    });
    if (isDone === true) return;
  }
  await log.line('No cache was restored.');
}
