import { expect, it } from 'vitest';
import { expectNothingLost } from './test-support/killed-store.ts';
import { sqliteDatabases } from './test-support/test-databases.ts';

it('loses nothing that was acknowledged when its process is killed, again and again', async () => {
  const database = await sqliteDatabases.create();
  for (const lines of [1, 37, 200]) await expectNothingLost(database, `after-${lines}`, lines);
  expect.hasAssertions();
});
