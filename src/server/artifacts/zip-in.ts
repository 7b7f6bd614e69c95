import type { ZipSource } from '../../runner/index.ts';
import type { Blobs, StoredArtifact } from '../../store/index.ts';

/** An archive among the blobs, of which parts can be read wherever they stand. */
export function zipIn(blobs: Blobs, { blob: key, size }: Pick<StoredArtifact, 'blob' | 'size'>): ZipSource {
  return {
    stat: () => Promise.resolve({ size }),
    async read(into, offset, length, position) {
      const blob = await blobs.get(key, { from: position, to: position + length });
      let bytesRead = 0;
      for await (const piece of blob?.content ?? []) {
        bytesRead += Buffer.from(piece).copy(into, offset + bytesRead, 0, length - bytesRead);
      }
      return { bytesRead };
    },
  };
}
