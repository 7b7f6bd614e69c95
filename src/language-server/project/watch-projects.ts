import { setImmediate } from 'node:timers/promises';
import { diagnose } from './diagnose.ts';
import type { PipelineRoot, Project } from './project.ts';

/** Reads the configurations of a project again when something changed, once the typing pauses. */
export interface ProjectWatch {
  /** These files of the project changed; null: any of them may have. */
  changed(paths: readonly string[] | null): void;
  /** Ends what is under way. */
  stop(): void;
}

export interface WatchOptions {
  /** Called after each reading. */
  readonly onRead: () => void;
  /** What went wrong outside of the files. */
  readonly onFailure: (error: unknown) => void;
  /** How long nothing must change before a reading starts. */
  readonly pauseMs: number;
}

export function watchProject(project: Project, { onRead, onFailure, pauseMs }: WatchOptions): ProjectWatch {
  let running: AbortController | null = null;
  let timer: NodeJS.Timeout | null = null;
  /** null: everything. */
  let pending: Set<string> | null = new Set();

  function start(): void {
    timer = null;
    const controller = new AbortController();
    running = controller;
    readAll(controller.signal).catch((error: unknown) => {
      // A newer reading has taken over what this one left undone.
      if (!controller.signal.aborted) onFailure(error);
    });
  }

  async function readAll(signal: AbortSignal): Promise<void> {
    const roots = await project.roots();
    forgetAllBut(project, roots);
    const context = await project.context();
    for (const root of roots) {
      if (!isStale(root)) continue;
      const file = root.files.find(({ path }) => path === root.path) ?? null;
      const asked = new Set<string>();
      const sources = project.files.sources(signal, asked);
      const diagnosis = await diagnose({ root: root.path, file, sources, context, reach: root.reach });
      signal.throwIfAborted();
      project.readings.set(root.path, { diagnosis, asked });
      onRead();
      // Whoever asks something in the meantime is answered first.
      await setImmediate();
      signal.throwIfAborted();
    }
    pending = new Set();
    onRead();
  }

  function isStale({ path }: PipelineRoot): boolean {
    const before = project.readings.get(path);
    if (before === undefined || pending === null) return true;
    return [...pending].some((changed) => before.asked.has(changed));
  }

  return {
    changed(paths) {
      if (paths === null) pending = null;
      else for (const path of paths) pending?.add(path);
      running?.abort();
      if (timer !== null) clearTimeout(timer);
      timer = setTimeout(start, pauseMs);
    },
    stop() {
      running?.abort();
      if (timer !== null) clearTimeout(timer);
    },
  };
}

function forgetAllBut(project: Project, roots: readonly PipelineRoot[]): void {
  const kept = new Set(roots.map(({ path }) => path));
  for (const path of project.readings.keys()) if (!kept.has(path)) project.readings.delete(path);
}
