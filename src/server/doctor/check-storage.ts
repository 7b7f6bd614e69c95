import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { type Blobs, openBlobs } from '../../store/index.ts';
import { type Finding, ok, problem, reasonOf } from './finding.ts';

/** Whether the storage keeps what it is given, gives it back, and lets only one of two begin a log at the same place. */
export async function checkStorage(place: string, clock: Clock): Promise<readonly Finding[]> {
  try {
    // Two, as two servers would have them.
    await using blobs = await openBlobs({ place, inUse: true });
    await using others = await openBlobs({ place, inUse: true });
    const key = `doctor/${randomUUID()}`;
    return [
      await keep(blobs, key, clock),
      ...(place.startsWith('s3://') ? [await beginTwice(blobs, others, key)] : []),
    ];
  } catch (error) {
    const mend = 'Give --data and --storage as the server is started with, and look at who may write there.';
    return [problem('storage', `${reasonOf(error)}.`, mend)];
  }
}

async function keep(blobs: Blobs, key: string, clock: Clock): Promise<Finding> {
  const content = Buffer.alloc(100_000, 'slipway');
  const started = clock.elapsed();
  const { sha256 } = await blobs.put(key, parts(content));
  const found = await blobs.get(key);
  const read: Uint8Array[] = [];
  for await (const chunk of found?.content ?? []) read.push(chunk);
  await blobs.delete(key);
  const milliseconds = Math.round(clock.elapsed() - started);
  if (!Buffer.concat(read).equals(content)) {
    return problem(
      'storage',
      `The storage gave back something else than it was given (${sha256}).`,
      'Use another storage: this one cannot be relied on.',
    );
  }
  if ((await blobs.get(key)) !== null) {
    return problem(
      'storage',
      'The storage does not delete.',
      'Give the login the right to delete objects, or artifacts will never be gone.',
    );
  }
  return ok('storage', `The storage keeps, gives back and deletes, in ${milliseconds} ms.`);
}

async function* parts(content: Uint8Array) {
  yield content;
}

/** Both know of a log without anything in it, so that both put its first part; a storage that can, refuses one of them. */
async function beginTwice(blobs: Blobs, others: Blobs, key: string): Promise<Finding> {
  for (const { traces } of [blobs, others]) await traces.size(key);
  try {
    await blobs.traces.append(key, 0, Buffer.from('one'));
    const length = await others.traces.append(key, 0, Buffer.from('three'));
    return length === 3
      ? ok('storage', 'Two servers cannot both write the same part of a log.')
      : problem(
          'storage',
          'The storage does not know If-None-Match on puts: two servers could overwrite the log of a job.',
          'Use one that does: Amazon S3, MinIO, Ceph.',
        );
  } finally {
    await blobs.traces.delete(key);
  }
}
