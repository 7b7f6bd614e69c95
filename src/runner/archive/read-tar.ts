import { archiveDamaged } from './archive-error.ts';
import { createByteSource } from './byte-source.ts';
import { parsePaxRecords, parseTarHeader, type TarHeader } from './parse-tar-header.ts';
import { TAR_BLOCK } from './tar-header.ts';

export interface ReadTarEntry extends TarHeader {
  /** To be read, if at all, before the next entry is asked for. */
  content(): AsyncGenerator<Buffer>;
}

/** Long names and attributes; more is an attack. */
const MAX_EXTENSION = 1024 * 1024;

/**
 * Reads a tar stream (ustar, pax, GNU), entry by entry, at the speed of whoever asks. Nothing is kept in memory but the
 * piece at hand, whatever sizes the headers claim.
 *
 * @throws AppError archive-damaged; or the source's own error.
 */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<ReadTarEntry> {
  const bytes = createByteSource(source);
  /** What the headers of extension before an entry say about it. */
  let extension: Partial<TarHeader> = {};
  try {
    for (;;) {
      const block = await bytes.take(TAR_BLOCK);
      if (block === null) throw archiveDamaged('it ends too early');
      const header = parseTarHeader(block);
      if (header === 'end') return;
      if (header === null) throw archiveDamaged('a header is not one of tar');
      if (isExtension(header)) {
        if (header.size > MAX_EXTENSION) throw archiveDamaged('a header is too large');
        const text = await bytes.take(header.size);
        if (text === null || !(await bytes.skip(padding(header.size))))
          throw archiveDamaged('it ends too early');
        const read = readExtension(header.type, text);
        if (read === null) throw archiveDamaged('a header of extension cannot be read');
        extension = { ...extension, ...read };
        continue;
      }
      const entry = typed({ ...header, ...extension });
      extension = {};
      let left = entry.size;
      yield {
        ...entry,
        async *content() {
          while (left > 0) {
            const piece = await bytes.takeUpTo(left);
            if (piece === null) throw archiveDamaged('it ends in the middle of a file');
            left -= piece.length;
            yield piece;
          }
        },
      };
      if (!(await bytes.skip(left + padding(entry.size))))
        throw archiveDamaged('it ends in the middle of a file');
    }
  } finally {
    await bytes.close();
  }
}

function padding(size: number): number {
  return (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;
}

/**
 * Before ustar, a directory was a file whose name ends in a slash. It is the whole name that counts: what of a long one
 * fits into the header may end in a slash by chance.
 */
function typed(entry: TarHeader): TarHeader {
  return entry.type === 'file' && entry.name.endsWith('/') ? { ...entry, type: 'directory' } : entry;
}

type Extension = 'pax' | 'pax-global' | 'long-name' | 'long-target';

function isExtension(header: TarHeader): header is TarHeader & { readonly type: Extension } {
  return ['pax', 'pax-global', 'long-name', 'long-target'].includes(header.type);
}

function readExtension(type: Extension, text: Buffer): Partial<TarHeader> | null {
  switch (type) {
    case 'pax':
      return parsePaxRecords(text);
    case 'pax-global':
      // Comments, mostly. What would change every entry that follows is nothing that is needed here.
      return {};
    case 'long-name':
      return { name: untilNul(text) };
    case 'long-target':
      return { target: untilNul(text) };
  }
}

function untilNul(text: Buffer): string {
  const end = text.indexOf(0);
  return text.toString('utf8', 0, end < 0 ? text.length : end);
}
