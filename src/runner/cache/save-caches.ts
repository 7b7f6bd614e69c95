import type { JobCache } from '../../protocol/index.ts';
import { logSelection, logWarnings } from '../archive/log-selection.ts';
import { packFiles } from '../archive/pack-files.ts';
import { type FileSelection, selectFiles } from '../archive/select-files.ts';
import { filesText, sizeText } from '../archive/size-text.ts';
import type { JobLog } from '../log/job-log.ts';
import type { CacheStore } from '../ports.ts';
import { bestEffort } from './best-effort.ts';
import { resolveCacheKey } from './cache-key.ts';
import { readCachePolicy } from './cache-policy.ts';

export interface SaveCachesRequest {
  readonly store: CacheStore;
  /** As restoreCaches gave them back. */
  readonly caches: readonly JobCache[];
  readonly workspace: string;
  /** The workspace's path as the job sees it; absolute cache paths start with it. */
  readonly projectDir?: string;
  readonly outcome: 'success' | 'failure';
  readonly log: JobLog;
  readonly signal: AbortSignal;
}

/**
 * Keeps each cache whose policy says push and whose `when` fits the job's outcome. Nothing here fails a job; what goes
 * wrong is a warning in its log.
 *
 * @throws the signal's reason when aborted.
 */
export async function saveCaches(request: SaveCachesRequest): Promise<void> {
  const { log, signal } = request;
  const due: { readonly cache: JobCache; readonly index: number }[] = [];
  for (const [index, cache] of request.caches.entries()) {
    if (cache.when !== 'always' && cache.when !== `on_${request.outcome}`) continue;
    if ((await readCachePolicy(cache.policy, log)) !== 'pull') due.push({ cache, index });
  }
  if (due.length === 0) return;
  const requests = due.map(({ cache }) => ({ paths: cache.paths, exclude: [], untracked: cache.untracked }));
  const selections = await bestEffort(log, signal, 'The caches could not be saved', () =>
    selectFiles({ ...request, requests }),
  );
  for (const [position, selection] of (selections ?? []).entries()) {
    const one = due[position];
    if (one === undefined) continue;
    await bestEffort(log, signal, 'The cache could not be saved', async () =>
      save(request, await resolveCacheKey(one.cache.key, one.index, request.workspace), selection),
    );
  }
}

async function save(request: SaveCachesRequest, key: string, selection: FileSelection): Promise<void> {
  const { store, workspace, log, signal } = request;
  await log.line(`Creating cache ${key}...`, 'info');
  await logSelection(log, selection, 'cache');
  // An empty archive would only take the place of one that has something in it.
  if (selection.entries.length === 0) {
    await log.line('WARNING: nothing to cache; what is kept under this key stays as it was.', 'warning');
    return;
  }
  const packed = packFiles({ workspace, entries: selection.entries, signal });
  const { bytes } = await store.put(key, packed.archive);
  const tally = packed.tally();
  await logWarnings(log, tally.warnings);
  await log.line(
    `Saved cache ${key}: ${filesText(tally.files)}, ${sizeText(tally.bytes)} (${sizeText(bytes)} stored)`,
  );
}
