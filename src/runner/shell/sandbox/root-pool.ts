import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { removeTree } from '../../folder/remove-tree.ts';
import { createTrash } from '../../folder/trash.ts';
import type { SandboxLayout } from './mount-plan.ts';
import { type PreparedRoot, type RootRequest, startRoot } from './prepared-root.ts';

/** The roots of one executor. */
export interface RootPool extends AsyncDisposable {
  /** A root without a sandbox. @throws as `startRoot`; the abort reason when aborted. */
  take(layout: SandboxLayout, signal: AbortSignal): Promise<PreparedRoot>;
  /**
   * Takes a root back that has no sandbox. One that a job has touched is ended. Of those that wait for a job, a few are kept,
   * the last ones that were given back, and none whose checkout is gone.
   */
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
  // The one that has waited longest is the first.
  let idle: readonly IdleRoot[] = [];
  const trash = createTrash();
  const ending = new Set<Promise<void>>();

  /** In the background: whoever gives a root back needs not wait until another has ended. */
  function endLater(root: PreparedRoot): void {
    const work: Promise<void> = root.end().then(() => {
      trash.put(root.layers);
      ending.delete(work);
    });
    ending.add(work);
  }

  /** Keeps those that may serve another job, and of these the ones that were used last. */
  function endUseless(): void {
    const useful = idle.filter(({ layout, root }) => !root.hasEnded() && isLowerThere(layout));
    const kept = useful.slice(-MOST_IDLE);
    for (const one of idle) if (!kept.includes(one)) endLater(one.root);
    idle = kept;
  }

  return {
    async take(layout, signal) {
      signal.throwIfAborted();
      const key = keyOf(layout);
      const known = idle.findLast((one) => one.key === key && !one.root.hasEnded());
      if (known === undefined) return await startRoot({ ...options, layout }, signal);
      idle = idle.filter((one) => one !== known);
      return known.root;
    },
    async giveBack(layout, root) {
      // A folder shown as it is belongs to one job.
      const isShareable = options.reuse === 'when-untouched' && typeof layout.workspace !== 'string';
      const isKept = isShareable && root.isUntouched();
      if (isKept) idle = [...idle, { key: keyOf(layout), layout, root }];
      endUseless();
      if (isKept) return;
      await root.end();
      if (options.reuse === 'never') await removeTree(root.layers);
      else trash.put(root.layers);
    },
    async [Symbol.asyncDispose]() {
      const left = idle;
      idle = [];
      for (const { root } of left) endLater(root);
      await Promise.all(ending);
      await trash.empty();
    },
  };
}

interface IdleRoot {
  readonly key: string;
  readonly layout: SandboxLayout;
  readonly root: PreparedRoot;
}

/**
 * As many as jobs usually run at once on this machine, and no fewer than a few: each has two processes, and a runner
 * that lives for months sees a new checkout with every commit.
 */
const MOST_IDLE = Math.max(8, availableParallelism());

function keyOf(layout: SandboxLayout): string {
  return JSON.stringify(layout);
}

/** No job will come for a checkout that was removed. */
function isLowerThere({ workspace }: SandboxLayout): boolean {
  return typeof workspace === 'string' || existsSync(workspace.lower);
}
