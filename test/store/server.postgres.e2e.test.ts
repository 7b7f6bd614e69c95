import { afterAll, describe, test } from 'vitest';
import { describeDeadProcesses } from '../../src/server/broker/dead-processes.contract.ts';
import { describeOffers } from '../../src/server/broker/offers.contract.ts';
import { describeHousekeeping } from '../../src/server/housekeeping/housekeeping.contract.ts';
import { describeMergeRequests } from '../../src/server/merge-requests/merge-requests.contract.ts';
import { describePlacesOnServer } from '../../src/server/places/places.contract.ts';
import { describeReports } from '../../src/server/reports/reports.contract.ts';
import { describeSchedules } from '../../src/server/schedules/schedules.contract.ts';
import { privatePostgres } from './private-postgres.ts';

/** What a server does by itself, with a real PostgreSQL below it. */
const server = await privatePostgres();
afterAll(() => server?.stop());

if (server === null) {
  test('a server on PostgreSQL', ({ skip }) => skip('no PostgreSQL 15 or newer is installed'));
} else {
  const { databases } = server;
  describe('a server on PostgreSQL', () => {
    describeHousekeeping(databases);
    describeSchedules(databases);
    describeMergeRequests(databases);
    describeOffers(databases);
    describeDeadProcesses(databases);
    describeReports(databases);
    describePlacesOnServer(databases);
  });
}
