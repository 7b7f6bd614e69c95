import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { checkedKey } from './blob-key.ts';
import type { Blobs } from './blobs.ts';
import { measured } from './measured.ts';
import { bytesOf, deleteObjects, objectsBelow, openPlace, refusedWith } from './s3-objects.ts';
import { openS3Traces } from './s3-traces.ts';
import { upload } from './s3-upload.ts';

/**
 * Blobs as objects of an S3 bucket, or of anything that speaks like one, for many servers. The storage must know
 * `If-None-Match` on puts, as Amazon's, MinIO and Ceph do. Throws what the client throws when the bucket is not there.
 */
export async function openS3Blobs(address: string): Promise<Blobs> {
  const place = await openPlace(address);
  const prefix = `${place.prefix}blobs/`;
  const nameOf = (key: string) => prefix + checkedKey(key);

  async function sizeOf(name: string): Promise<number | null> {
    try {
      const head = await place.client.send(new HeadObjectCommand({ Bucket: place.bucket, Key: name }));
      return head.ContentLength ?? 0;
    } catch (error) {
      if (refusedWith(error) === 404) return null;
      throw error;
    }
  }

  return {
    async put(key, source, limits = {}) {
      const { content, result } = measured(source, limits);
      await upload(place, nameOf(key), content);
      return result();
    },
    async get(key, { from = 0, to = Number.MAX_SAFE_INTEGER } = {}) {
      const name = nameOf(key);
      const size = await sizeOf(name);
      return size === null ? null : { size, content: bytesOf(place, name, from, Math.min(to, size)) };
    },
    delete: (key) => deleteObjects(place, [nameOf(key)]),
    async *list(start) {
      for await (const { name, size } of objectsBelow(place, prefix + start)) {
        yield { key: name.slice(prefix.length), size };
      }
    },
    traces: openS3Traces(place, `${place.prefix}traces/`),
    async [Symbol.asyncDispose]() {
      place.client.destroy();
    },
  };
}
