import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../base/clock.ts';
import { TOPICS, type Topic } from '../store.ts';

export interface LocalTopics {
  tell(topics: ReadonlySet<Topic>): void;
  listen(topic: Topic, heard: () => void): () => void;
  close(): void;
}

/**
 * Who listens for what in this process. What other processes do to the file is noticed by SQLite's count of foreign
 * changes, which says nothing of what they did: so then everybody is called.
 */
export function createLocalTopics(reader: DatabaseSync, clock: Clock): LocalTopics {
  const listeners = createListeners();
  const version = reader.prepare('pragma data_version');
  let seen = version.get()?.data_version;
  let stop: (() => void) | null = null;

  function look(): void {
    const now = version.get()?.data_version;
    // Our own writer is another connection too, as this one sees it.
    if (now !== seen) listeners.call(TOPICS);
    seen = now;
    stop = clock.after(LOOK_MILLISECONDS, look);
  }

  return {
    tell: (topics) => listeners.call([...topics]),
    listen(topic, heard) {
      stop ??= clock.after(LOOK_MILLISECONDS, look);
      return listeners.add(topic, heard);
    },
    close: () => stop?.(),
  };
}

const LOOK_MILLISECONDS = 250;

/** The listeners of one process. Each is called at most once for several topics told at once. */
export function createListeners() {
  const byTopic = new Map<Topic, Set<() => void>>(TOPICS.map((topic) => [topic, new Set()]));
  return {
    add(topic: Topic, heard: () => void): () => void {
      // A function of its own for each: the same may listen twice.
      const own = () => heard();
      byTopic.get(topic)?.add(own);
      return () => byTopic.get(topic)?.delete(own);
    },
    call(topics: readonly Topic[]): void {
      for (const topic of topics) {
        for (const heard of [...(byTopic.get(topic) ?? [])]) heard();
      }
    },
  };
}
