import type { Migration } from './migrations.ts';

/** Jobs that a runner was given, and has not yet said that it has. */
export const offers: Migration = {
  name: 'offers',
  statements: ({ integer }) => [
    `alter table jobs add column offered_at ${integer}`,
    'drop index jobs_waiting',
    `create index jobs_waiting on jobs (lane_id, id)
       where status = 'pending' and lane_id is not null and place_id is null and offered_at is null`,
    `create index jobs_offered on jobs (id) where status = 'pending' and offered_at is not null`,
  ],
};
