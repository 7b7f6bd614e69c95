import type { PipelineState } from '../../pipeline/index.ts';

/**
 * States of pipelines under the stamp of the change that made them. Every change has a stamp of its own, by chance and
 * not by counting, so a state under the stamp that stands in the database is the one that stands there: also when the
 * transaction it was made in was undone, and another process has made the next version instead.
 */
export interface StateCache {
  get(pipelineId: number, stamp: number): PipelineState | null;
  /** Any state of the pipeline: its plan never changes. */
  any(pipelineId: number): PipelineState | null;
  put(pipelineId: number, stamp: number, state: PipelineState): void;
}

/** Holds pipelines of together about `maxJobs` jobs; those that were not used for the longest time go first. */
export function createStateCache(maxJobs: number): StateCache {
  const kept = new Map<number, { readonly stamp: number; readonly state: PipelineState }>();
  let jobs = 0;

  function take(pipelineId: number) {
    const found = kept.get(pipelineId);
    if (found === undefined) return null;
    kept.delete(pipelineId);
    kept.set(pipelineId, found);
    return found;
  }

  return {
    get(pipelineId, stamp) {
      const found = take(pipelineId);
      return found?.stamp === stamp ? found.state : null;
    },
    any: (pipelineId) => take(pipelineId)?.state ?? null,
    put(pipelineId, stamp, state) {
      jobs += weight(state) - weight(kept.get(pipelineId)?.state);
      kept.delete(pipelineId);
      kept.set(pipelineId, { stamp, state });
      for (const [oldest, { state: old }] of kept) {
        if (jobs <= maxJobs || oldest === pipelineId) break;
        kept.delete(oldest);
        jobs -= weight(old);
      }
    },
  };
}

/** A pipeline costs something even without jobs. */
function weight(state: PipelineState | undefined): number {
  return state === undefined ? 0 : state.jobs.length + 1;
}

/** 48 bits of chance: a safe integer in both databases. */
export function newStamp(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high & 0xffff) * 2 ** 32 + low;
}
