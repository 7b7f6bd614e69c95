import type { Generated } from 'kysely';

/**
 * The tables as Kysely sees them; what they are for stands beside their SQL in the migrations. Flags are 0 or 1, times
 * are milliseconds since 1970, and texts that hold JSON are read by whoever owns them.
 */
export interface Tables {
  readonly schema_migrations: SchemaMigrationsTable;
  readonly projects: ProjectsTable;
  readonly variables: VariablesTable;
  readonly schedules: SchedulesTable;
  readonly triggers: TriggersTable;
  readonly tokens: TokensTable;
  readonly runners: RunnersTable;
  readonly runner_projects: RunnerProjectsTable;
  readonly runner_managers: RunnerManagersTable;
  readonly merge_requests: MergeRequestsTable;
  readonly seen_refs: SeenRefsTable;
  readonly pipelines: PipelinesTable;
  readonly plans: PlansTable;
  readonly lanes: LanesTable;
  readonly jobs: JobsTable;
  readonly mirrors: MirrorsTable;
  readonly traces: TracesTable;
  readonly artifacts: ArtifactsTable;
  readonly uploads: UploadsTable;
  readonly outbox: OutboxTable;
  readonly timers: TimersTable;
  readonly resource_groups: ResourceGroupsTable;
  readonly resource_claims: ResourceClaimsTable;
  readonly test_reports: TestReportsTable;
  readonly test_cases: TestCasesTable;
  readonly test_results: TestResultsTable;
  readonly test_flakes: TestFlakesTable;
  readonly test_splits: TestSplitsTable;
  readonly ssh_keys: SshKeysTable;
  readonly deploy_keys: DeployKeysTable;
  readonly places: PlacesTable;
}

export interface PlacesTable {
  id: Generated<number>;
  pipeline_id: number;
  runner_id: number;
  process: string;
  state: string;
  touched_at: number;
  created_at: number;
}

export interface SshKeysTable {
  id: Generated<number>;
  kind: string;
  title: string;
  public_key: string;
  fingerprint: string;
  expires_at: number | null;
  last_used_at: number | null;
  created_at: number;
}

export interface DeployKeysTable {
  key_id: number;
  project_id: number;
  can_push: number;
}

export interface SchemaMigrationsTable {
  version: number;
  name: string;
  applied_at: number;
}

export interface ProjectsTable {
  id: Generated<number>;
  path: string;
  name: string;
  default_branch: string;
  ci_config_path: string | null;
  settings: string;
  last_pipeline_iid: Generated<number>;
  last_merge_request_iid: Generated<number>;
  created_at: number;
  deleted_at: number | null;
}

export interface VariablesTable {
  id: Generated<number>;
  project_id: number | null;
  key: string;
  environment_scope: string;
  value: string;
  kind: string;
  protected: number;
  masked: number;
  hidden: number;
  raw: number;
  description: string | null;
}

export interface SchedulesTable {
  id: Generated<number>;
  project_id: number;
  description: string;
  ref: string;
  cron: string;
  time_zone: string;
  active: number;
  variables: string;
  inputs: string;
  owner: string | null;
  next_run_at: number | null;
  last_pipeline_id: number | null;
  last_order: Generated<number>;
  problem: string | null;
  created_at: number;
  updated_at: number;
}

export interface TriggersTable {
  id: Generated<number>;
  project_id: number;
  description: string;
  token_hash: string;
  token_start: string;
  expires_at: number | null;
  last_used_at: number | null;
  created_at: number;
  updated_at: number;
}

export interface TokensTable {
  id: Generated<number>;
  kind: string;
  name: string;
  project_id: number | null;
  token_hash: string;
  scopes: string;
  expires_at: number | null;
  revoked_at: number | null;
  last_used_at: number | null;
  created_at: number;
}

export interface RunnersTable {
  id: Generated<number>;
  kind: string;
  description: string;
  token_hash: string;
  token_expires_at: number | null;
  tags: string;
  run_untagged: number;
  protected: number;
  locked: number;
  paused: number;
  maximum_timeout: number | null;
  contacted_at: number | null;
  created_at: number;
}

export interface RunnerProjectsTable {
  runner_id: number;
  project_id: number;
}

export interface RunnerManagersTable {
  id: Generated<number>;
  runner_id: number;
  system_id: string;
  version: string | null;
  revision: string | null;
  platform: string | null;
  architecture: string | null;
  executor: string | null;
  ip_address: string | null;
  features: string;
  contacted_at: number;
  created_at: number;
}

export interface MergeRequestsTable {
  id: Generated<number>;
  project_id: number;
  iid: number;
  source_branch: string;
  target_branch: string;
  title: string;
  description: string;
  labels: string;
  state: string;
  sha: string | null;
  created_at: number;
  updated_at: number;
  closed_at: number | null;
  merged_at: number | null;
}

export interface SeenRefsTable {
  project_id: number;
  ref: string;
  sha: string;
  seen_at: number;
}

export interface PipelinesTable {
  id: Generated<number>;
  project_id: number;
  iid: number;
  status: string;
  started: number;
  version: number;
  stamp: number;
  source: string;
  ref: string;
  tag: number;
  protected: number;
  sha: string;
  before_sha: string | null;
  name: string | null;
  title: string | null;
  author: string | null;
  parent_job_id: number | null;
  /** The pipeline that all began with; null for one that no trigger job has started. */
  root_id: number | null;
  schedule_id: number | null;
  merge_request: string | null;
  context: string;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
  updated_at: number;
}

export interface PlansTable {
  pipeline_id: number;
  format: string;
  body: Uint8Array;
}

export interface LanesTable {
  id: Generated<number>;
  project_id: number;
  protected: number;
  tags: string;
  features: string;
}

export interface JobsTable {
  id: Generated<number>;
  pipeline_id: number;
  project_id: number;
  position: number;
  attempt: number;
  latest: number;
  lane_id: number | null;
  /** Null: it may run anywhere. */
  place_id: number | null;
  kind: string;
  name: string;
  stage: string;
  /** The ref by which jobs of other pipelines find it; null in a child, whose jobs are found by its parent alone. */
  shared_ref: string | null;
  status: string;
  allow_failure: number;
  failure_reason: string | null;
  exit_code: number | null;
  immediate: number;
  has_downstream: number;
  variables: string | null;
  runner_id: number | null;
  system_id: string | null;
  /** Names the process of its runner; null: that has not said so. */
  process: string | null;
  on_shared: Generated<number>;
  token_hash: string | null;
  /** A runner was given it, and has not yet said that it has it. */
  offered_at: number | null;
  coverage: string | null;
  dotenv: string | null;
  erased_at: number | null;
  created_at: number;
  queued_at: number | null;
  started_at: number | null;
  finished_at: number | null;
  touched_at: number | null;
}

export interface MirrorsTable {
  job_id: number;
  pipeline_id: number;
}

export interface TracesTable {
  job_id: number;
  size: number;
  checksum: string | null;
  state: string;
  updated_at: number;
}

export interface ArtifactsTable {
  id: Generated<number>;
  job_id: number;
  project_id: number;
  type: string;
  format: string;
  name: string;
  blob: string;
  size: number;
  sha256: string | null;
  access: string;
  expires_at: number | null;
  locked: Generated<number>;
  created_at: number;
}

export interface UploadsTable {
  blob: string;
  started_at: number;
}

export interface OutboxTable {
  id: Generated<number>;
  topic: string;
  key: string;
  body: string;
  attempts: number;
  due_at: number;
  leased_until: number | null;
  lease: string | null;
  created_at: number;
}

export interface TimersTable {
  kind: string;
  key: string;
  due_at: number;
  body: string;
  leased_until: number | null;
  lease: string | null;
}

export interface ResourceGroupsTable {
  id: Generated<number>;
  project_id: number;
  key: string;
  process_mode: string;
  created_at: number;
  updated_at: number;
}

export interface ResourceClaimsTable {
  id: Generated<number>;
  group_id: number;
  pipeline_id: number;
  job: string;
  attempt: number;
  requested_at: number;
  granted_at: number | null;
}

export interface TestReportsTable {
  job_id: number;
  project_id: number;
  pipeline_id: number;
  ref: string;
  sha: string;
  total: number;
  failed: number;
  errored: number;
  skipped: number;
  milliseconds: number;
  problem: string | null;
  created_at: number;
}

export interface TestCasesTable {
  id: Generated<number>;
  project_id: number;
  hash: string;
  job: string;
  suite: string;
  class_name: string;
  name: string;
  file: string | null;
  runs: number;
  milliseconds: number;
  last_run_at: number;
}

export interface TestResultsTable {
  job_id: number;
  case_id: number;
  pipeline_id: number;
  outcome: number;
  milliseconds: number;
  output: string | null;
}

export interface TestFlakesTable {
  case_id: number;
  sha: string;
  project_id: number;
  job_id: number;
  seen_at: number;
}

export interface TestSplitsTable {
  pipeline_id: number;
  job: string;
  content: string;
  shares: string;
  created_at: number;
}
