import { Readable } from 'node:stream';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';

/** A bucket, and the beginning of the names of all that is ours in it. */
export interface S3Place {
  readonly client: S3Client;
  readonly bucket: string;
  readonly prefix: string;
}

export interface S3Object {
  readonly name: string;
  readonly size: number;
}

/** Reads `s3://BUCKET/PREFIX?endpoint=…&region=…`, and asks whether the bucket is there. Throws what the client throws. */
export async function openPlace(address: string): Promise<S3Place> {
  const url = new URL(address);
  const endpoint = url.searchParams.get('endpoint');
  const client = new S3Client({
    region: url.searchParams.get('region') ?? process.env.AWS_REGION ?? 'us-east-1',
    // Other storages than Amazon's have their buckets in the path, and do not all know its newer checksums.
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const folder = url.pathname.replace(/^\/|\/$/g, '');
  const place = { client, bucket: url.hostname, prefix: folder === '' ? '' : `${folder}/` };
  await client.send(new HeadBucketCommand({ Bucket: place.bucket }));
  return place;
}

/** All whose names begin so, in the order of their names. */
export async function* objectsBelow({ client, bucket }: S3Place, prefix: string): AsyncGenerator<S3Object> {
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
    );
    for (const { Key: name, Size: size } of page.Contents ?? []) {
      if (name !== undefined) yield { name, size: size ?? 0 };
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

/** The bytes from one offset up to, not including, another. */
export async function* bytesOf(
  { client, bucket }: S3Place,
  name: string,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array> {
  if (from >= to) return;
  const range = `bytes=${from}-${to - 1}`;
  const { Body: body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: name, Range: range }));
  if (!(body instanceof Readable)) throw new Error(`The storage has answered without ${name}`);
  yield* body;
}

/** Takes any number of names. */
export async function deleteObjects({ client, bucket }: S3Place, names: readonly string[]): Promise<void> {
  for (let from = 0; from < names.length; from += NAMES_AT_ONCE) {
    const some = names.slice(from, from + NAMES_AT_ONCE).map((name) => ({ Key: name }));
    const { Errors: errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: some, Quiet: true } }),
    );
    const [first] = errors;
    if (first !== undefined) throw new Error(`The storage did not delete ${first.Key}: ${first.Message}`);
  }
}

const NAMES_AT_ONCE = 1000;

/** The HTTP status with which the storage has refused; null when it was something else. */
export function refusedWith(error: unknown): number | null {
  return error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? null) : null;
}
