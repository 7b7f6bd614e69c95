import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { ServerPlaces } from '../backup/take-backup.ts';
import { checkDatabase } from './check-database.ts';
import { checkFiles } from './check-files.ts';
import { checkMachine } from './check-machine.ts';
import { checkRepositories } from './check-repositories.ts';
import { checkServer } from './check-server.ts';
import { checkStorage } from './check-storage.ts';
import { checkWork } from './check-work.ts';
import type { Finding } from './finding.ts';

export interface DoctorRequest extends ServerPlaces {
  /** Of a running server, to ask it too; absent: none. */
  readonly url?: string;
  readonly clock: Clock;
}

/**
 * Looks at a server's machine and at all that it keeps, and tells as it goes. Nothing is mended, and a server at work is
 * not held up; one row and one blob are written and removed.
 */
export async function* runDoctor({
  dataFolder,
  database,
  blobs,
  url,
  clock,
}: DoctorRequest): AsyncGenerator<Finding> {
  yield* await checkMachine(dataFolder);
  const files = await checkFiles(dataFolder);
  yield* files;
  // With its places somewhere else there is still something to look at.
  const isThere = !files.some(({ found }) => found.startsWith('There is no data folder'));
  if (isThere || database !== undefined) {
    await using checked = await checkDatabase(database ?? dataFolder, clock);
    yield* checked.findings;
    if (checked.store !== null) {
      yield* await checked.store.read((db) => checkWork(db, clock.now()));
      yield* await checkRepositories(checked.store, join(dataFolder, 'repositories'));
    }
  }
  if (isThere || blobs !== undefined) yield* await checkStorage(blobs ?? join(dataFolder, 'files'), clock);
  if (url !== undefined) yield* await checkServer(url, clock);
}
