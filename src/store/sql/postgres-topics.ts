import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { TOPICS, type Topic } from '../store.ts';
import { createListeners } from './local-topics.ts';

export interface PostgresTopics {
  tell(topics: readonly Topic[]): void;
  listen(topic: Topic, heard: () => void): () => void;
  close(): Promise<void>;
}

/**
 * Who listens for what, in all processes of one database. NOTIFY inside a transaction would make all commits wait for
 * each other, so it is sent afterwards, and what is told meanwhile goes with the next one.
 */
export function createPostgresTopics(pool: Pool): PostgresTopics {
  const listeners = createListeners();
  const ownName = randomUUID();
  const unsent = new Set<Topic>();
  let sending: Promise<void> | null = null;
  let hearing: Promise<PoolClient | null> | null = null;
  let closed = false;

  async function send(): Promise<void> {
    while (unsent.size > 0) {
      const text = [ownName, ...unsent].join(' ');
      unsent.clear();
      // Whoever cannot be told looks by himself: that is what `listen` promises.
      await pool.query('select pg_notify($1, $2)', [CHANNEL, text]).catch(() => undefined);
    }
    sending = null;
  }

  async function hear(): Promise<PoolClient | null> {
    const client = await pool.connect().catch(() => null);
    if (client === null) return again();
    client.on('notification', ({ payload = '' }) => {
      const [sender, ...words] = payload.split(' ');
      // What this process has told, it has heard already.
      if (sender === ownName) return;
      listeners.call(TOPICS.filter((topic) => words.includes(topic)));
    });
    client.on('error', () => {
      client.release(true);
      again();
    });
    await client.query(`listen ${CHANNEL}`).catch(() => undefined);
    // Something may have been told while nobody was listening.
    listeners.call(TOPICS);
    return client;
  }

  function again(): null {
    hearing = closed
      ? null
      : new Promise((resolve) => setTimeout(resolve, RECONNECT_MILLISECONDS)).then(hear);
    return null;
  }

  return {
    tell(topics) {
      if (topics.length === 0 || closed) return;
      listeners.call(topics);
      for (const topic of topics) unsent.add(topic);
      sending ??= send();
    },
    listen(topic, heard) {
      hearing ??= hear();
      return listeners.add(topic, heard);
    },
    async close() {
      closed = true;
      await sending;
      const client = await hearing;
      client?.removeAllListeners('error');
      client?.on('error', () => undefined);
      client?.release(true);
    },
  };
}

const CHANNEL = 'slipway';
const RECONNECT_MILLISECONDS = 500;
