import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Blobs } from '../../store/index.ts';

/** A report as it is kept: what its runner has sent. */
export interface KeptReport {
  readonly blob: string;
  readonly format: 'zip' | 'gzip' | 'raw';
}

/** What is wrong with what a job has sent; without a full stop. */
export class UnreadableReport extends Error {
  override readonly name = 'UnreadableReport';
}

/**
 * The content of a report, unpacked; null when it is not there any more. Reading it throws an UnreadableReport for what
 * is no gzip, and where more than `maxBytes` would come out of it.
 */
export async function openReport(
  blobs: Blobs,
  { blob, format }: KeptReport,
  maxBytes: number,
): Promise<AsyncIterable<Buffer> | null> {
  const kept = await blobs.get(blob);
  return kept === null ? null : unpacked(kept.content, format, maxBytes);
}

async function* unpacked(
  packed: AsyncIterable<Uint8Array>,
  format: KeptReport['format'],
  maxBytes: number,
): AsyncGenerator<Buffer> {
  if (format === 'zip') throw new UnreadableReport('it is a zip archive');
  const content = format === 'gzip' ? gunzipped(packed) : packed;
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new UnreadableReport(`it has more than ${maxBytes} bytes`);
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  }
}

async function* gunzipped(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(content, { objectMode: false });
  const gunzip = createGunzip();
  source.once('error', (error) => gunzip.destroy(error));
  try {
    yield* source.pipe(gunzip);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw code.startsWith('Z_') ? new UnreadableReport('it is no whole gzip') : error;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}
