import type { Migration } from './migrations.ts';

/** What the tests of jobs came to: one row for each time a case ran, and what is known of the case itself. */
export const tests: Migration = {
  name: 'tests',
  statements: ({ id, integer, text }) => [
    // Written last of all that a job's report comes to: results without it are of a report that is being read.
    `create table test_reports (
       job_id ${integer} primary key references jobs (id) on delete cascade,
       project_id ${integer} not null references projects (id) on delete cascade,
       pipeline_id ${integer} not null,
       ref ${text} not null,
       sha ${text} not null,
       total ${integer} not null,
       failed ${integer} not null,
       errored ${integer} not null,
       skipped ${integer} not null,
       milliseconds ${integer} not null,
       problem ${text},
       created_at ${integer} not null
     )`,
    'create index test_reports_by_pipeline on test_reports (pipeline_id, job_id)',
    'create index test_reports_by_sha on test_reports (project_id, sha, job_id)',

    // `job` is the job's name without the number that `parallel` gives it: cases move between those.
    `create table test_cases (
       id ${id},
       project_id ${integer} not null references projects (id) on delete cascade,
       hash ${text} not null,
       job ${text} not null,
       suite ${text} not null,
       class_name ${text} not null,
       name ${text} not null,
       file ${text},
       runs ${integer} not null,
       milliseconds ${integer} not null,
       last_run_at ${integer} not null
     )`,
    'create unique index test_cases_by_hash on test_cases (project_id, hash)',
    'create index test_cases_by_time on test_cases (project_id, milliseconds)',
    'create index test_cases_by_job on test_cases (project_id, job)',

    // `outcome`: 0 skipped, 1 success, 2 error, 3 failed.
    `create table test_results (
       job_id ${integer} not null references jobs (id) on delete cascade,
       case_id ${integer} not null references test_cases (id) on delete cascade,
       pipeline_id ${integer} not null,
       outcome ${integer} not null,
       milliseconds ${integer} not null,
       output ${text},
       primary key (job_id, case_id)
     )`,
    'create index test_results_of_case on test_results (case_id, pipeline_id, job_id)',

    // A case that has passed and failed on one commit.
    `create table test_flakes (
       case_id ${integer} not null references test_cases (id) on delete cascade,
       sha ${text} not null,
       project_id ${integer} not null,
       job_id ${integer} not null,
       seen_at ${integer} not null,
       primary key (case_id, sha)
     )`,
    'create index test_flakes_by_time on test_flakes (project_id, seen_at)',

    // Who runs which tests of a parallel job: decided when the first of its jobs asks.
    `create table test_splits (
       pipeline_id ${integer} not null references pipelines (id) on delete cascade,
       job ${text} not null,
       content ${text} not null,
       shares ${text} not null,
       created_at ${integer} not null,
       primary key (pipeline_id, job, content)
     )`,
  ],
};
