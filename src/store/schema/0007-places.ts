import type { Migration } from './migrations.ts';

/** Where the jobs of a pipeline run that share files: one process of a runner. */
export const places: Migration = {
  name: 'places',
  statements: ({ id, integer, text }) => [
    // Bound to the process and not to the machine: the files are gone with it.
    `create table places (
       id ${id},
       pipeline_id ${integer} not null references pipelines (id) on delete cascade,
       runner_id ${integer} not null,
       process ${text} not null,
       state ${text} not null,
       touched_at ${integer} not null,
       created_at ${integer} not null
     )`,
    'create unique index places_by_pipeline on places (pipeline_id)',
    `create index places_held on places (runner_id, process) where state = 'held'`,

    // Jobs that have their place wait there, and in no lane.
    `alter table jobs add column place_id ${integer}`,
    'drop index jobs_waiting',
    `create index jobs_waiting on jobs (lane_id, id)
       where status = 'pending' and lane_id is not null and place_id is null`,
    `create index jobs_waiting_at_place on jobs (place_id, id) where status = 'pending' and place_id is not null`,
  ],
};
