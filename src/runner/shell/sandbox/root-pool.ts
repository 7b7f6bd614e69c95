import { removeTree } from '../../folder/remove-tree.ts';
import { createTrash } from '../../folder/trash.ts';
import type { SandboxLayout } from './mount-plan.ts';
import { type PreparedRoot, type RootRequest, startRoot } from './prepared-root.ts';

/** The roots of one executor. */
export interface RootPool extends AsyncDisposable {
  /** A root without a sandbox. @throws as `startRoot`; the abort reason when aborted. */
  take(layout: SandboxLayout, signal: AbortSignal): Promise<PreparedRoot>;
  /** Takes a root back that has no sandbox. One that a job has touched is ended. */
  giveBack(layout: SandboxLayout, root: PreparedRoot): Promise<void>;
}

export interface RootPoolOptions extends Omit<RootRequest, 'layout'> {
  /**
   * `when-untouched`: a root that the last job left as it was serves the next one, and folders of the others are removed
   * in the background, all at the latest when the pool is disposed. `never`: when `giveBack` answers, it has left nothing.
   */
  readonly reuse: 'when-untouched' | 'never';
}

export function createRootPool(options: RootPoolOptions): RootPool {
  const idle = new Map<string, PreparedRoot[]>();
  const trash = createTrash();

  return {
    async take(layout, signal) {
      signal.throwIfAborted();
      const known = idle.get(keyOf(layout))?.pop();
      return known !== undefined && !known.hasEnded()
        ? known
        : await startRoot({ ...options, layout }, signal);
    },
    async giveBack(layout, root) {
      // A folder shown as it is belongs to one job.
      const isShareable = options.reuse === 'when-untouched' && typeof layout.workspace !== 'string';
      if (isShareable && root.isUntouched()) {
        const key = keyOf(layout);
        idle.set(key, [...(idle.get(key) ?? []), root]);
        return;
      }
      await root.end();
      if (options.reuse === 'never') await removeTree(root.layers);
      else trash.put(root.layers);
    },
    async [Symbol.asyncDispose]() {
      const roots = [...idle.values()].flat();
      idle.clear();
      await Promise.all(roots.map((root) => root.end()));
      for (const root of roots) trash.put(root.layers);
      await trash.empty();
    },
  };
}

function keyOf(layout: SandboxLayout): string {
  return JSON.stringify(layout);
}
