import type { Readable } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import type { ArtifactFormat } from '../../../protocol/index.ts';
import { readTar } from '../../archive/read-tar.ts';
import { tarToZip } from '../../archive/zip/tar-to-zip.ts';

/** What goes to the server for the tar stream of an artifact. */
export interface ArtifactBytes {
  readonly pieces: AsyncIterable<Buffer>;
  /** Its name there. Known once all of `pieces` is read. */
  fileName(): string;
}

/**
 * An artifact's files as the protocol wants them: a zip; or each file a gzip member, one after the other, which is one
 * file to whoever unpacks it; or the bytes of the first file.
 *
 * @param name without a suffix
 */
export function artifactBytes(archive: Readable, format: ArtifactFormat, name: string): ArtifactBytes {
  if (format === 'zip') return { pieces: tarToZip(archive), fileName: () => `${name}.zip` };
  if (format === 'gzip') return { pieces: gzipMembers(archive), fileName: () => `${name}.gz` };
  const first = { name };
  return { pieces: firstFile(archive, first), fileName: () => first.name };
}

async function* gzipMembers(archive: Readable): AsyncGenerator<Buffer> {
  for await (const entry of readTar(archive)) {
    if (entry.type !== 'file') continue;
    const gzip = createGzip({ level: constants.Z_BEST_SPEED });
    const feeding = feed(entry.content(), gzip);
    for await (const piece of gzip) if (Buffer.isBuffer(piece)) yield piece;
    await feeding;
  }
}

async function feed(content: AsyncIterable<Buffer>, gzip: ReturnType<typeof createGzip>): Promise<void> {
  try {
    for await (const piece of content) {
      if (!gzip.write(piece)) await new Promise<void>((resolve) => gzip.once('drain', resolve));
    }
    gzip.end();
  } catch (error) {
    gzip.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

async function* firstFile(archive: Readable, found: { name: string }): AsyncGenerator<Buffer> {
  for await (const entry of readTar(archive)) {
    if (entry.type !== 'file') continue;
    found.name = entry.name.split('/').at(-1) ?? found.name;
    yield* entry.content();
    break;
  }
  archive.destroy();
}
