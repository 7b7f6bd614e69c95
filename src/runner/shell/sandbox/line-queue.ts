import type { Readable } from 'node:stream';

/** Lines from a process, taken one at a time, in order; null once it is gone. */
export interface LineQueue {
  next(): Promise<string | null>;
}

export function createLineQueue(source: Readable): LineQueue {
  const lines: string[] = [];
  const waiting: ((line: string | null) => void)[] = [];
  let rest = '';
  let ended = false;
  source.setEncoding('utf8');
  source.on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      const waiter = waiting.shift();
      if (waiter === undefined) lines.push(line);
      else waiter(line);
    }
  });
  const end = () => {
    ended = true;
    for (const waiter of waiting.splice(0)) waiter(null);
  };
  source.once('error', end);
  source.once('close', end);
  return {
    next() {
      const line = lines.shift();
      if (line !== undefined) return Promise.resolve(line);
      if (ended) return Promise.resolve(null);
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}
