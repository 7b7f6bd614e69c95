import type { Readable } from 'node:stream';

/** What was read of a stream; the rest is still in it. */
export interface Start {
  readonly bytes: Buffer;
  /** There is nothing more. */
  readonly ended: boolean;
}

/**
 * Reads from a stream until `isEnough` says so of a chunk, or the end. Nothing is lost: what was read is in the answer,
 * what was not stays in the stream, which flows no further.
 * @throws what the stream fails with, and an error when it is closed before its end.
 */
export function takeStart(stream: Readable, isEnough: (chunk: Buffer) => boolean): Promise<Start> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    function settle(act: () => void): void {
      stream.off('readable', more).off('end', end).off('error', fail).off('close', close);
      act();
    }
    function finish(ended: boolean): void {
      settle(() => resolve({ bytes: Buffer.concat(chunks), ended }));
    }
    function more(): void {
      for (let chunk: unknown = stream.read(); chunk !== null; chunk = stream.read()) {
        if (!(chunk instanceof Buffer)) throw new TypeError('This is no stream of bytes.');
        chunks.push(chunk);
        if (isEnough(chunk)) {
          finish(false);
          break;
        }
      }
    }
    const end = (): void => finish(true);
    const fail = (error: unknown): void => settle(() => reject(error));
    const close = (): void => fail(new Error('The stream was closed before its end.'));

    if (stream.readableEnded) finish(true);
    else if (stream.destroyed) close();
    else stream.on('readable', more).once('end', end).once('error', fail).once('close', close);
  });
}
