import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** The body was longer than it may be. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/**
 * The bytes of a request as they are meant: unpacked when they come packed, and no more than `limit`, of what is sent and
 * of what it unpacks to. It reads no faster than it is read. null: packed in a way that git does not use.
 */
export function requestBody(
  request: IncomingMessage,
  limit: number,
  onBytes: (count: number) => void,
): Readable | null {
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  const isPacked = encoding === 'gzip' || encoding === 'x-gzip';
  if (!isPacked && encoding !== 'identity') return null;
  const sent = bounded(limit, onBytes);
  // A body that is too long is answered: so the request is not closed with what reads it.
  request.pipe(sent);
  request.once('error', (error) => sent.destroy(error));
  request.once('close', () => {
    if (!request.complete) sent.destroy(new Error('The client went away before the end of its request.'));
  });
  // Who reads the last of them hears what fails before it.
  const heard = (): void => undefined;
  if (isPacked) return pipeline(sent, createGunzip(), bounded(limit, heard), heard);
  sent.on('error', heard);
  return sent;
}

function bounded(limit: number, onBytes: (count: number) => void): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      onBytes(chunk.length);
      if (bytes > limit) done(new BodyTooLarge(`The body of the request is longer than ${limit} bytes.`));
      else done(null, chunk);
    },
  });
}
