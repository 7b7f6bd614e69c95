import type { Migration } from './migrations.ts';

/** What lists need, so that a page costs the same however many rows there are and whichever of them it is about. */
export const lists: Migration = {
  name: 'lists',
  statements: () => [
    'create index jobs_by_pipeline on jobs (pipeline_id, id)',
    'create index jobs_by_status on jobs (project_id, status, id)',
    'create index pipelines_by_source on pipelines (project_id, source, id)',
    'create index pipelines_by_ref_and_status on pipelines (project_id, ref, status, id)',
    'create index pipelines_of_tags on pipelines (project_id, id) where tag = 1',
  ],
};
