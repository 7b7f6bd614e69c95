import type { Migration } from './migrations.ts';

/** Public keys by which git is reached over SSH. */
export const sshKeys: Migration = {
  name: 'ssh-keys',
  statements: ({ id, integer, text }) => [
    // One key is of one owner: nobody could tell who comes with it otherwise.
    `create table ssh_keys (
       id ${id},
       kind ${text} not null,
       title ${text} not null,
       public_key ${text} not null,
       fingerprint ${text} not null,
       expires_at ${integer},
       last_used_at ${integer},
       created_at ${integer} not null
     )`,
    'create unique index ssh_keys_by_fingerprint on ssh_keys (fingerprint)',

    // A deploy key may be let into several projects.
    `create table deploy_keys (
       key_id ${integer} not null references ssh_keys (id) on delete cascade,
       project_id ${integer} not null references projects (id) on delete cascade,
       can_push ${integer} not null,
       primary key (key_id, project_id)
     )`,
    'create index deploy_keys_by_project on deploy_keys (project_id)',
  ],
};
