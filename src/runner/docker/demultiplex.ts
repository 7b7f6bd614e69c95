import { Buffer } from 'node:buffer';

/** A piece of a container's output, and which of its two outputs it was written to. */
export interface OutputPiece {
  readonly from: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
}

/** The output of a container as one, stdout and stderr in the order they were written. */
export async function* demultiplex(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of outputPieces(source)) yield bytes;
}

/**
 * The output of a container out of the engine's frames: eight bytes of header (stream, three zeros, length), then as
 * many bytes of output. Frames are passed on in the pieces they arrive in, so memory does not grow with them. A last
 * frame that is cut off ends the output quietly: the container was taken away in the middle of a write.
 * (https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach)
 */
export async function* outputPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<OutputPiece> {
  const header = Buffer.alloc(HEADER_BYTES);
  let headerFilled = 0;
  let left = 0;
  for await (const chunk of source) {
    let at = 0;
    while (at < chunk.length) {
      if (left > 0) {
        const bytes = chunk.subarray(at, at + left);
        at += bytes.length;
        left -= bytes.length;
        yield { from: header[0] === STDERR ? 'stderr' : 'stdout', bytes };
        continue;
      }
      const part = chunk.subarray(at, at + HEADER_BYTES - headerFilled);
      header.set(part, headerFilled);
      headerFilled += part.length;
      at += part.length;
      if (headerFilled === HEADER_BYTES) {
        left = header.readUInt32BE(4);
        headerFilled = 0;
      }
    }
  }
}

const HEADER_BYTES = 8;
const STDERR = 2;
