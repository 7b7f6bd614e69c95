import type { Migration } from './migrations.ts';

/**
 * Pipelines and their jobs. What a server asks for all the time (jobs that wait, jobs that run, pipelines that are not
 * over) has an index that holds only those, so that millions of finished ones cost nothing.
 */
export const pipelines: Migration = {
  name: 'pipelines',
  statements: ({ id, integer, text, bytes }) => [
    `create table pipelines (
       id ${id},
       project_id ${integer} not null references projects (id) on delete cascade,
       iid ${integer} not null,
       status ${text} not null,
       started ${integer} not null,
       version ${integer} not null,
       stamp ${integer} not null,
       source ${text} not null,
       ref ${text} not null,
       tag ${integer} not null,
       protected ${integer} not null,
       sha ${text} not null,
       before_sha ${text},
       name ${text},
       title ${text},
       author ${text},
       parent_job_id ${integer},
       root_id ${integer},
       schedule_id ${integer},
       merge_request ${text},
       context ${text} not null,
       created_at ${integer} not null,
       started_at ${integer},
       finished_at ${integer},
       updated_at ${integer} not null
     )`,
    'create unique index pipelines_by_iid on pipelines (project_id, iid)',
    'create index pipelines_by_project on pipelines (project_id, id)',
    'create index pipelines_by_ref on pipelines (project_id, ref, id)',
    `create index pipelines_by_ref_alone on pipelines (project_id, ref, id) where source <> 'parent_pipeline'`,
    'create index pipelines_by_sha on pipelines (project_id, sha, id)',
    'create index pipelines_by_status on pipelines (project_id, status, id)',
    // An attempt of a trigger job has one pipeline, whoever carries it out, and how often.
    'create unique index pipelines_by_parent on pipelines (parent_job_id) where parent_job_id is not null',
    'create index pipelines_by_root on pipelines (root_id) where root_id is not null',
    `create index pipelines_active on pipelines (project_id, ref, id) where status not in (${OVER})`,

    // Apart, so that lists do not read past plans: they are most of the bytes of the database.
    `create table plans (
       pipeline_id ${integer} primary key references pipelines (id) on delete cascade,
       format ${text} not null,
       body ${bytes} not null
     )`,

    // What a runner must be able to do for a job, once for all jobs of a project that ask the same. Never changed.
    `create table lanes (
       id ${id},
       project_id ${integer} not null references projects (id) on delete cascade,
       protected ${integer} not null,
       tags ${text} not null,
       features ${text} not null
     )`,
    'create unique index lanes_by_content on lanes (project_id, protected, tags, features)',

    `create table jobs (
       id ${id},
       pipeline_id ${integer} not null references pipelines (id) on delete cascade,
       project_id ${integer} not null,
       position ${integer} not null,
       attempt ${integer} not null,
       latest ${integer} not null,
       lane_id ${integer},
       kind ${text} not null,
       name ${text} not null,
       stage ${text} not null,
       shared_ref ${text},
       status ${text} not null,
       allow_failure ${integer} not null,
       failure_reason ${text},
       exit_code ${integer},
       immediate ${integer} not null,
       has_downstream ${integer} not null,
       variables ${text},
       runner_id ${integer},
       system_id ${text},
       on_shared ${integer} not null default 0,
       token_hash ${text},
       coverage ${text},
       dotenv ${text},
       erased_at ${integer},
       created_at ${integer} not null,
       queued_at ${integer},
       started_at ${integer},
       finished_at ${integer},
       touched_at ${integer}
     )`,
    'create unique index jobs_by_attempt on jobs (pipeline_id, position, attempt)',
    'create index jobs_by_project on jobs (project_id, id)',
    // What `needs:project` asks for: the last one that has passed for a ref.
    `create index jobs_passed on jobs (project_id, shared_ref, name, id) where status = 'success' and shared_ref is not null`,
    `create index jobs_waiting on jobs (lane_id, id) where status = 'pending' and lane_id is not null`,
    `create index jobs_running on jobs (project_id, on_shared) where status in ('running', 'canceling')`,
    `create index jobs_of_runner on jobs (runner_id) where status in ('running', 'canceling')`,
    'create unique index jobs_by_token on jobs (token_hash) where token_hash is not null',

    // Trigger jobs that show the status of a pipeline that they did not start.
    `create table mirrors (
       job_id ${integer} primary key references jobs (id) on delete cascade,
       pipeline_id ${integer} not null
     )`,
    'create index mirrors_by_pipeline on mirrors (pipeline_id)',

    `create table traces (
       job_id ${integer} primary key references jobs (id) on delete cascade,
       size ${integer} not null,
       checksum ${text},
       state ${text} not null,
       updated_at ${integer} not null
     )`,

    `create table artifacts (
       id ${id},
       job_id ${integer} not null references jobs (id) on delete cascade,
       project_id ${integer} not null,
       type ${text} not null,
       format ${text} not null,
       name ${text} not null,
       blob ${text} not null,
       size ${integer} not null,
       sha256 ${text},
       access ${text} not null,
       expires_at ${integer},
       locked ${integer} not null default 0,
       created_at ${integer} not null
     )`,
    'create unique index artifacts_by_job on artifacts (job_id, type, name)',
    'create index artifacts_expiring on artifacts (expires_at) where expires_at is not null and locked = 0',
    'create index artifacts_locked on artifacts (project_id, id) where locked = 1',

    // Blobs that are being written and that no artifact names yet; what is left here was cut off.
    `create table uploads (
       blob ${text} primary key,
       started_at ${integer} not null
     )`,
    'create index uploads_by_time on uploads (started_at)',
  ],
};

const OVER = "'success', 'failed', 'canceled', 'skipped'";
