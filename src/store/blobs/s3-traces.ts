import { PutObjectCommand } from '@aws-sdk/client-s3';
import { checkedKey } from './blob-key.ts';
import type { Traces } from './blobs.ts';
import { bytesOf, deleteObjects, objectsBelow, refusedWith, type S3Place } from './s3-objects.ts';

interface Chunk {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Traces as chunks, each an object named by the offset at which it begins. A chunk is put only where there is none yet,
 * so of two servers that append at the same offset one is refused. What counts are the chunks without a gap from 0.
 */
export function openS3Traces(place: S3Place, prefix: string): Traces {
  /** As this process knows them; another may have gone on. */
  const sizes = new Map<string, number>();
  const folderOf = (key: string) => `${prefix}${checkedKey(key)}/`;

  async function chunksOf(key: string): Promise<readonly Chunk[]> {
    const chunks: Chunk[] = [];
    let end = 0;
    for await (const { name, size } of objectsBelow(place, folderOf(key))) {
      const from = Number(name.slice(-DIGITS));
      if (from !== end) break;
      end += size;
      chunks.push({ name, from, to: end });
    }
    return chunks;
  }

  async function sizeNow(key: string): Promise<number> {
    const size = (await chunksOf(key)).at(-1)?.to ?? 0;
    remember(sizes, key, size);
    return size;
  }

  return {
    async append(key, offset, bytes) {
      const folder = folderOf(key);
      if (sizes.get(key) !== offset || bytes.length === 0) {
        const size = await sizeNow(key);
        if (size !== offset || bytes.length === 0) return size;
      }
      const name = folder + String(offset).padStart(DIGITS, '0');
      try {
        await place.client.send(
          new PutObjectCommand({ Bucket: place.bucket, Key: name, Body: bytes, IfNoneMatch: '*' }),
        );
      } catch (error) {
        // There is one already, or somebody is just putting it.
        const status = refusedWith(error);
        if (status === 412 || status === 409) return await sizeNow(key);
        sizes.delete(key);
        throw error;
      }
      remember(sizes, key, offset + bytes.length);
      return offset + bytes.length;
    },

    // An object is there for good when its put is answered.
    settle: () => Promise.resolve(),
    size: sizeNow,

    async *read(key, { from = 0, to = Number.MAX_SAFE_INTEGER } = {}) {
      for (const chunk of await chunksOf(key)) {
        if (chunk.to <= from || chunk.from >= to) continue;
        const [start, end] = [Math.max(from, chunk.from), Math.min(to, chunk.to)];
        yield* bytesOf(place, chunk.name, start - chunk.from, end - chunk.from);
      }
    },

    async delete(key) {
      sizes.delete(key);
      const names: string[] = [];
      for await (const { name } of objectsBelow(place, folderOf(key))) names.push(name);
      await deleteObjects(place, names);
    },
  };
}

/** Enough for any safe integer, so that the order of the names is that of the offsets. */
const DIGITS = 16;
const MAX_REMEMBERED = 10_000;

function remember(sizes: Map<string, number>, key: string, size: number): void {
  sizes.delete(key);
  sizes.set(key, size);
  if (sizes.size > MAX_REMEMBERED) sizes.delete(sizes.keys().next().value ?? key);
}
