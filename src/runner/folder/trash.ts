import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { removeTree } from './remove-tree.ts';

/** Removes folders in the background. */
export interface Trash {
  put(folder: string): void;
  /** Resolves once everything is gone. @throws what could not be removed, as `removeTree` does */
  empty(): Promise<void>;
}

/**
 * A trash that is emptied by rm(1), all that has gathered at a time: removing may wait for the disk (a file system that
 * is mounted with `discard` waits for it folder by folder), and this process has better things to do.
 */
export function createTrash(): Trash {
  let full: string[] = [];
  let emptying: Promise<void> | null = null;
  const failed: string[] = [];

  async function work(): Promise<void> {
    while (full.length > 0) {
      const folders = full;
      full = [];
      await promisify(execFile)('rm', ['-rf', '--', ...folders]).catch(() => failed.push(...folders));
    }
    emptying = null;
  }

  return {
    put(folder) {
      full.push(folder);
      emptying ??= work();
    },
    async empty() {
      await emptying;
      for (const folder of failed.splice(0)) await removeTree(folder);
    },
  };
}
