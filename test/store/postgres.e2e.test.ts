import { afterAll, describe, test } from 'vitest';
import { describePipelineStore } from '../../src/store/pipelines/pipeline-store.contract.ts';
import { describeQueue } from '../../src/store/queue/queue.contract.ts';
import { describeStore } from '../../src/store/store.contract.ts';
import { describeWork } from '../../src/store/work/work.contract.ts';
import { privatePostgres } from './private-postgres.ts';

/** Everything that the store promises, on a real PostgreSQL. */
const server = await privatePostgres();
afterAll(() => server?.stop());

if (server === null) {
  test('the store on PostgreSQL', ({ skip }) => skip('no PostgreSQL 15 or newer is installed'));
} else {
  const { databases } = server;
  describe('on PostgreSQL', () => {
    describeStore(databases);
    describePipelineStore(databases, 15);
    describeQueue(databases);
    describeWork(databases);
  });
}
