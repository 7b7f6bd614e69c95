import { Readable } from 'node:stream';
import { constants, crc32, createDeflateRaw, deflateRawSync } from 'node:zlib';
import { type ReadTarEntry, readTar } from '../read-tar.ts';
import {
  centralHeader,
  DEFLATED,
  descriptor,
  endRecords,
  localHeader,
  MOST_32,
  STORED,
  type ZipContent,
  type ZipEntry,
} from './zip-records.ts';

/**
 * Writes a tar stream's files, directories and symbolic links as a zip file: what GitLab's runners exchange. It reads
 * no faster than it is read from, and holds one small file at most, and 100 bytes or so for each entry.
 *
 * @throws AppError archive-damaged; or the source's own error.
 */
export async function* tarToZip(tar: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const directory: Buffer[] = [];
  let offset = 0;
  for await (const entry of readTar(tar)) {
    const described = describe(entry);
    if (described === null) continue;
    const start = offset;
    const isSmall = entry.size <= SMALL_BYTES;
    const pieces = isSmall ? wholeEntry(entry, described) : streamedEntry(entry, described);
    let content: ZipContent | undefined;
    for (;;) {
      const next = await pieces.next();
      if (next.done === true) {
        content = next.value;
        break;
      }
      offset += next.value.length;
      yield next.value;
    }
    directory.push(centralHeader(described, content, start, !isSmall));
  }
  const start = offset;
  let bytes = 0;
  for (const header of directory) bytes += header.length;
  yield Buffer.concat([...directory, endRecords(directory.length, start, bytes)]);
}

/** Compressed in one go: for many small files, streams would cost more than the compressing. */
const SMALL_BYTES = 64 * 1024;
/** Little work for most of the gain: level 6 takes three times as long for a tenth less. */
const LEVEL = { level: constants.Z_BEST_SPEED + 1 };

function describe({ name, type, mode, modified }: ReadTarEntry): ZipEntry | null {
  const bits = mode & 0o7777;
  if (type === 'file') return { name, mode: 0o100000 | bits, modified };
  if (type === 'symlink') return { name, mode: 0o120000 | bits, modified };
  if (type !== 'directory') return null;
  return { name: name.endsWith('/') ? name : `${name}/`, mode: 0o040000 | bits, modified };
}

async function* wholeEntry(entry: ReadTarEntry, described: ZipEntry): AsyncGenerator<Buffer, ZipContent> {
  const bytes =
    entry.type === 'symlink'
      ? Buffer.from(entry.target)
      : Buffer.concat(await Readable.from(entry.content()).toArray());
  const packed = bytes.length === 0 ? bytes : deflateRawSync(bytes, LEVEL);
  const isSmaller = packed.length < bytes.length;
  const content: ZipContent = {
    method: isSmaller ? DEFLATED : STORED,
    crc32: crc32(bytes),
    packedBytes: isSmaller ? packed.length : bytes.length,
    bytes: bytes.length,
  };
  yield Buffer.concat([localHeader(described, content, false), isSmaller ? packed : bytes]);
  return content;
}

async function* streamedEntry(entry: ReadTarEntry, described: ZipEntry): AsyncGenerator<Buffer, ZipContent> {
  // What cannot be compressed grows a little.
  const isLarge = entry.size > MOST_32 - MOST_32 / 1000;
  let crc = 0;
  let packedBytes = 0;
  async function* summed() {
    for await (const piece of entry.content()) {
      crc = crc32(piece, crc);
      yield piece;
    }
  }
  yield localHeader(described, null, isLarge);
  const compress = createDeflateRaw({ ...LEVEL, chunkSize: SMALL_BYTES });
  const source = Readable.from(summed(), { objectMode: false });
  source.once('error', (error) => compress.destroy(error));
  for await (const piece of source.pipe(compress)) {
    if (!Buffer.isBuffer(piece)) continue;
    packedBytes += piece.length;
    yield piece;
  }
  const content: ZipContent = { method: DEFLATED, crc32: crc, packedBytes, bytes: entry.size };
  yield descriptor(content, isLarge);
  return content;
}
