import type { GitProcess } from '../git-process.ts';
import { type GitObjects, openObjects } from './objects.ts';

/** The open objects of repositories, by project. */
export interface ObjectPool {
  of(project: number): GitObjects;
  forget(project: number): void;
  close(): void;
}

export interface ObjectPoolOptions {
  readonly most: number;
  readonly idleMs: number;
  start(project: number): GitProcess;
}

/** Those that were not used for the longest time give way to others, when nobody waits for them. */
export function createObjectPool({ most, idleMs, start }: ObjectPoolOptions): ObjectPool {
  const open = new Map<number, GitObjects>();

  function forget(project: number): void {
    open.get(project)?.close();
    open.delete(project);
  }

  function makeRoom(): void {
    for (const [project, objects] of open) {
      if (open.size <= most) break;
      if (objects.isIdle()) forget(project);
    }
  }

  return {
    of(project) {
      const objects = open.get(project) ?? openObjects(() => start(project), idleMs);
      // The last one of a map is the one that was put in last.
      open.delete(project);
      makeRoom();
      open.set(project, objects);
      return objects;
    },
    forget,
    close() {
      for (const project of [...open.keys()]) forget(project);
    },
  };
}
