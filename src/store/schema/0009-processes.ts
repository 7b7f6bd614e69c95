import type { Migration } from './migrations.ts';

/** Which process of a runner has a job, as far as it says so: when that has died, nobody will end its jobs. */
export const processes: Migration = {
  name: 'processes',
  statements: ({ text }) => [`alter table jobs add column process ${text}`],
};
