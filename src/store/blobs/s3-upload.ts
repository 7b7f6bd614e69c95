import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3Place } from './s3-objects.ts';

/**
 * Uploads a stream of unknown length: at once when it is small, otherwise in parts that become an object only when all
 * are there. Holds two parts in memory.
 */
export async function upload(
  place: S3Place,
  name: string,
  content: AsyncIterable<Uint8Array>,
): Promise<void> {
  const parts = inParts(content);
  const first = await parts.next();
  const second = first.done === true ? first : await parts.next();
  if (second.done === true) {
    await putWhole(place, name, first.done === true ? new Uint8Array() : first.value);
  } else if (first.done !== true) {
    await putInParts(place, name, [first.value, second.value], parts);
  }
}

/** S3 takes no smaller parts than 5 MiB but the last, and 10,000 of them: 80 GB. */
const PART_BYTES = 8 * 1024 * 1024;

async function* inParts(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of content) {
    held.push(bytes);
    size += bytes.length;
    if (size < PART_BYTES) continue;
    yield Buffer.concat(held);
    held = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(held);
  return undefined;
}

async function putWhole({ client, bucket }: S3Place, name: string, bytes: Uint8Array): Promise<void> {
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: name, Body: bytes }));
}

async function putInParts(
  { client, bucket }: S3Place,
  name: string,
  first: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): Promise<void> {
  const object = { Bucket: bucket, Key: name };
  const { UploadId: id } = await client.send(new CreateMultipartUploadCommand(object));
  const upload = { ...object, UploadId: id };
  const done: { readonly PartNumber: number; readonly ETag: string | undefined }[] = [];

  async function send(bytes: Uint8Array): Promise<void> {
    const part = { PartNumber: done.length + 1 };
    const { ETag } = await client.send(new UploadPartCommand({ ...upload, ...part, Body: bytes }));
    done.push({ ...part, ETag });
  }

  try {
    for (const bytes of first) await send(bytes);
    for await (const bytes of rest) await send(bytes);
    await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: done } }));
  } catch (error) {
    // Parts that were sent cost money until they are given up; the bucket's own rules catch what is missed here.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}
