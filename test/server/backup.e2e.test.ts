import { afterAll, describe, test } from 'vitest';
import { testBackup } from '../../src/server/backup/backup.contract.ts';
import { privatePostgres } from '../store/private-postgres.ts';
import { s3Server } from '../store/s3-server.ts';

/** A backup goes from any database and storage to any other. */
const postgres = await privatePostgres();
const s3 = await s3Server();
afterAll(() => postgres?.stop());

const inItsFolder = () => Promise.resolve({});

if (postgres === null) {
  test('a backup of PostgreSQL', ({ skip }) => skip('no PostgreSQL 15 or newer is installed'));
} else {
  const onPostgres = async () => ({ database: await postgres.addDatabase() });
  describe('PostgreSQL', () => {
    testBackup('from PostgreSQL to PostgreSQL', onPostgres, onPostgres);
    testBackup('from SQLite to PostgreSQL', inItsFolder, onPostgres);
    testBackup('from PostgreSQL to SQLite', onPostgres, inItsFolder);
  });
}

if (typeof s3 === 'string') {
  test('a backup of S3', ({ skip }) => skip(s3));
} else {
  afterAll(() => s3.stop());
  let count = 0;
  const inS3 = () => {
    count += 1;
    return Promise.resolve({ blobs: s3.address.replace('?', `/backup-${count}?`) });
  };
  describe('S3', () => {
    testBackup('from a folder to S3', inItsFolder, inS3);
    testBackup('from S3 to a folder', inS3, inItsFolder);
  });
}
