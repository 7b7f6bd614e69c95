import type { Migration } from './migrations.ts';

/** What people set up: projects and what belongs to them, runners, and what lets somebody in. */
export const projects: Migration = {
  name: 'projects',
  statements: ({ id, integer, text }) => [
    `create table projects (
       id ${id},
       path ${text} not null,
       name ${text} not null,
       default_branch ${text} not null,
       ci_config_path ${text},
       settings ${text} not null,
       last_pipeline_iid ${integer} not null default 0,
       last_merge_request_iid ${integer} not null default 0,
       created_at ${integer} not null,
       deleted_at ${integer}
     )`,
    'create unique index projects_by_path on projects (path)',

    `create table variables (
       id ${id},
       project_id ${integer} references projects (id) on delete cascade,
       key ${text} not null,
       environment_scope ${text} not null,
       value ${text} not null,
       kind ${text} not null,
       protected ${integer} not null,
       masked ${integer} not null,
       hidden ${integer} not null,
       raw ${integer} not null,
       description ${text}
     )`,
    'create unique index variables_of_projects on variables (project_id, key, environment_scope) where project_id is not null',
    'create unique index variables_of_all on variables (key, environment_scope) where project_id is null',

    `create table schedules (
       id ${id},
       project_id ${integer} not null references projects (id) on delete cascade,
       description ${text} not null,
       ref ${text} not null,
       cron ${text} not null,
       time_zone ${text} not null,
       active ${integer} not null,
       variables ${text} not null,
       inputs ${text} not null,
       owner ${text},
       next_run_at ${integer},
       last_pipeline_id ${integer},
       last_order ${integer} not null default 0,
       problem ${text},
       created_at ${integer} not null,
       updated_at ${integer} not null
     )`,
    'create index schedules_by_project on schedules (project_id, id)',
    'create index schedules_due on schedules (next_run_at) where active = 1',

    `create table triggers (
       id ${id},
       project_id ${integer} not null references projects (id) on delete cascade,
       description ${text} not null,
       token_hash ${text} not null,
       token_start ${text} not null,
       expires_at ${integer},
       last_used_at ${integer},
       created_at ${integer} not null,
       updated_at ${integer} not null
     )`,
    'create unique index triggers_by_token on triggers (token_hash)',
    'create index triggers_by_project on triggers (project_id, id)',

    `create table tokens (
       id ${id},
       kind ${text} not null,
       name ${text} not null,
       project_id ${integer} references projects (id) on delete cascade,
       token_hash ${text} not null,
       scopes ${text} not null,
       expires_at ${integer},
       revoked_at ${integer},
       last_used_at ${integer},
       created_at ${integer} not null
     )`,
    'create unique index tokens_by_hash on tokens (token_hash)',
    'create index tokens_by_project on tokens (project_id, id)',

    `create table runners (
       id ${id},
       kind ${text} not null,
       description ${text} not null,
       token_hash ${text} not null,
       token_expires_at ${integer},
       tags ${text} not null,
       run_untagged ${integer} not null,
       protected ${integer} not null,
       locked ${integer} not null,
       paused ${integer} not null,
       maximum_timeout ${integer},
       contacted_at ${integer},
       created_at ${integer} not null
     )`,
    'create unique index runners_by_token on runners (token_hash)',

    `create table runner_projects (
       runner_id ${integer} not null references runners (id) on delete cascade,
       project_id ${integer} not null references projects (id) on delete cascade,
       primary key (runner_id, project_id)
     )`,
    'create index runner_projects_by_project on runner_projects (project_id)',

    `create table runner_managers (
       id ${id},
       runner_id ${integer} not null references runners (id) on delete cascade,
       system_id ${text} not null,
       version ${text},
       revision ${text},
       platform ${text},
       architecture ${text},
       executor ${text},
       ip_address ${text},
       features ${text} not null,
       contacted_at ${integer} not null,
       created_at ${integer} not null
     )`,
    'create unique index runner_managers_by_system on runner_managers (runner_id, system_id)',

    // A branch that is to become part of another; `iid` counts within the project.
    `create table merge_requests (
       id ${id},
       project_id ${integer} not null references projects (id) on delete cascade,
       iid ${integer} not null,
       source_branch ${text} not null,
       target_branch ${text} not null,
       title ${text} not null,
       description ${text} not null,
       labels ${text} not null,
       state ${text} not null,
       sha ${text},
       created_at ${integer} not null,
       updated_at ${integer} not null,
       closed_at ${integer},
       merged_at ${integer}
     )`,
    'create unique index merge_requests_by_iid on merge_requests (project_id, iid)',
    "create unique index merge_requests_open on merge_requests (project_id, source_branch, target_branch) where state = 'opened'",

    // The tip that was last looked at for pipelines. A tip that stands in the repository and not here is still to do.
    `create table seen_refs (
       project_id ${integer} not null references projects (id) on delete cascade,
       ref ${text} not null,
       sha ${text} not null,
       seen_at ${integer} not null,
       primary key (project_id, ref)
     )`,
  ],
};
