import { afterAll, expect, test } from 'vitest';
import { describeBlobs } from '../../src/store/blobs/blobs.contract.ts';
import { openBlobs } from '../../src/store/index.ts';
import { s3Server } from './s3-server.ts';

/** Blobs and traces on a real server that speaks S3. */
const server = await s3Server();

if (typeof server === 'string') {
  test('blobs in S3', ({ skip }) => skip(server));
} else {
  afterAll(() => server.stop());
  describeBlobs('S3', () => openBlobs({ place: server.address }));

  test('a bucket that is not there is refused', async () => {
    const place = server.address.replace(/^s3:\/\/[^/?]*/, 's3://nothing-here');
    await expect(openBlobs({ place })).rejects.toMatchObject({ code: 'blob-storage-unusable' });
  });
}
