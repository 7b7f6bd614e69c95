import type { Migration } from './migrations.ts';

/** What is still to be done. A row goes when it is done, so these tables stay small. */
export const work: Migration = {
  name: 'work',
  statements: ({ id, integer, text }) => [
    // A topic's rows are carried out in the order of their ids, those of one key one after the other.
    `create table outbox (
       id ${id},
       topic ${text} not null,
       key ${text} not null,
       body ${text} not null,
       attempts ${integer} not null,
       due_at ${integer} not null,
       leased_until ${integer},
       lease ${text},
       created_at ${integer} not null
     )`,
    'create index outbox_in_order on outbox (topic, id)',
    'create index outbox_of_key on outbox (topic, key, id)',

    `create table timers (
       kind ${text} not null,
       key ${text} not null,
       due_at ${integer} not null,
       body ${text} not null,
       leased_until ${integer},
       lease ${text},
       primary key (kind, key)
     )`,
    'create index timers_due on timers (due_at)',

    // The first that is not released has the group's resource when granted_at is set; the others wait.
    `create table resource_groups (
       id ${id},
       project_id ${integer} not null references projects (id) on delete cascade,
       key ${text} not null,
       process_mode ${text} not null,
       created_at ${integer} not null,
       updated_at ${integer} not null
     )`,
    'create unique index resource_groups_by_key on resource_groups (project_id, key)',
    `create table resource_claims (
       id ${id},
       group_id ${integer} not null references resource_groups (id) on delete cascade,
       pipeline_id ${integer} not null references pipelines (id) on delete cascade,
       job ${text} not null,
       attempt ${integer} not null,
       requested_at ${integer} not null,
       granted_at ${integer}
     )`,
    'create unique index resource_claims_by_job on resource_claims (pipeline_id, job, attempt)',
    'create index resource_claims_of_group on resource_claims (group_id, id)',
  ],
};
