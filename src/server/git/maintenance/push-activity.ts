/** Which repositories are being pushed to, and which were since anybody last looked after them. */
export interface PushActivity {
  /** A push has begun; the answer says that it has ended. */
  begin(project: number): () => void;
  /** A repository that may need something although nobody has pushed; `at`: not before it has been quiet since then. */
  touch(project: number, at?: number): void;
  /**
   * The repository whose last push is the longest ago, and ended before `before`, with none under way; it is no longer
   * counted as touched. null: there is none.
   */
  takeQuiet(before: number): number | null;
  isBusy(project: number): boolean;
  /** Calls back when a push to this repository begins; the answer takes it back. */
  onBegin(project: number, callback: () => void): () => void;
}

export function createPushActivity(elapsed: () => number): PushActivity {
  const running = new Map<number, number>();
  /** The end of the last push; the longest ago comes first. */
  const touched = new Map<number, number>();
  const listeners = new Map<number, Set<() => void>>();

  /** The one that was touched last is the last of the map. */
  function touch(project: number, at: number): void {
    touched.delete(project);
    touched.set(project, at);
  }

  return {
    begin(project) {
      running.set(project, (running.get(project) ?? 0) + 1);
      for (const callback of listeners.get(project) ?? []) callback();
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        const left = (running.get(project) ?? 1) - 1;
        if (left === 0) running.delete(project);
        else running.set(project, left);
        touch(project, elapsed());
      };
    },
    touch(project, at = Number.NEGATIVE_INFINITY) {
      if (!touched.has(project)) touch(project, at);
    },
    takeQuiet(before) {
      for (const [project, at] of touched) {
        if (at > before || running.has(project)) continue;
        touched.delete(project);
        return project;
      }
      return null;
    },
    isBusy: (project) => running.has(project),
    onBegin(project, callback) {
      const known = listeners.get(project) ?? new Set();
      listeners.set(project, known.add(callback));
      return () => {
        known.delete(callback);
        if (known.size === 0) listeners.delete(project);
      };
    },
  };
}
