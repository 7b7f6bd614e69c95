import type { Writable } from 'node:stream';

/** Writes and waits until there is room for more, or nobody takes it any more: then it is dropped. */
export async function writeTo(out: Writable, bytes: Buffer): Promise<void> {
  if (bytes.length === 0 || !isTaken(out) || out.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      for (const event of EVENTS) out.off(event, done);
      resolve();
    };
    for (const event of EVENTS) out.once(event, done);
  });
}

const EVENTS = ['drain', 'close', 'error'] as const;

function isTaken(out: Writable): boolean {
  return !out.destroyed && !out.writableEnded;
}
