import type { RestBridge, RestJob } from '../../../protocol/index.ts';
import {
  artifactsOf,
  type Db,
  type JobRow,
  type PipelineRow,
  type Project,
  pipelinesByIds,
  pipelinesOfBridges,
  type Runner,
  runnersByIds,
  type StoredArtifact,
  tagsOfLanes,
} from '../../../store/index.ts';
import { readStored } from '../../pipelines/stored-context.ts';
import type { ServerParts } from '../../server-parts.ts';
import { pipelineView } from './pipeline-view.ts';
import { secondsBetween, time, timeOrNull } from './times.ts';
import { administratorView } from './user-view.ts';

type ViewParts = Pick<ServerParts, 'administrator' | 'server' | 'clock' | 'stuckLanes'>;

/** Jobs of one project as the API shows them: what belongs to them is read once for all of them. */
export async function jobViews(
  db: Db,
  rows: readonly JobRow[],
  project: Project,
  parts: ViewParts,
): Promise<RestJob[]> {
  const ids = rows.map(({ id }) => id);
  const base = await baseViews(db, rows, project, parts);
  const artifacts = Map.groupBy(await artifactsOf(db, ids, { now: parts.clock.now() }), ({ jobId }) => jobId);
  const runners = await runnersByIds(db, present(rows.map(({ runner_id }) => runner_id)));
  const isWaiting = rows.some(({ status }) => status === 'pending');
  const stuck = isWaiting ? await parts.stuckLanes.known(db) : null;
  const tags = await tagsOfLanes(db, present(rows.map(({ lane_id }) => lane_id)));
  return base.map(({ row, ...view }) => {
    const kept = artifacts.get(row.id) ?? [];
    const archive = kept.find(({ type }) => type === 'archive');
    return {
      ...view,
      artifacts: kept.map(artifactView),
      ...(archive === undefined ? {} : { artifacts_file: { filename: archive.name, size: archive.size } }),
      artifacts_expire_at: timeOrNull(archive?.expiresAt ?? null),
      stuck: row.status === 'pending' && stuck?.has(row.lane_id ?? 0) === true,
      tag_list: [...(tags.get(row.lane_id ?? 0) ?? [])],
      runner: runnerView(runners.get(row.runner_id ?? 0)),
    };
  });
}

/** Jobs that start other pipelines, with those. */
export async function bridgeViews(
  db: Db,
  rows: readonly JobRow[],
  project: Project,
  parts: ViewParts,
): Promise<RestBridge[]> {
  const base = await baseViews(db, rows, project, parts);
  const downstream = await pipelinesOfBridges(
    db,
    rows.map(({ id }) => id),
  );
  const byJob = new Map(downstream.map((found) => [found.pipeline.parent_job_id, found]));
  return base.map(({ row, ...view }) => {
    const found = byJob.get(row.id);
    return {
      ...view,
      downstream_pipeline:
        found === undefined
          ? null
          : pipelineView(found.pipeline, { path: found.projectPath }, parts.server.url),
    };
  });
}

async function baseViews(db: Db, rows: readonly JobRow[], project: Project, parts: ViewParts) {
  const pipelines = await pipelinesByIds(db, [...new Set(rows.map(({ pipeline_id }) => pipeline_id))]);
  const byId = new Map(pipelines.map((pipeline) => [pipeline.id, commonOf(pipeline, project, parts)]));
  const now = parts.clock.now();
  return rows.flatMap((row) => {
    const common = byId.get(row.pipeline_id);
    if (common === undefined) return [];
    return {
      row,
      id: row.id,
      status: row.status,
      stage: row.stage,
      name: row.name,
      ...common,
      coverage: row.coverage === null ? null : Number(row.coverage),
      allow_failure: row.allow_failure === 1,
      created_at: time(row.created_at),
      queued_at: timeOrNull(row.queued_at),
      started_at: timeOrNull(row.started_at),
      finished_at: timeOrNull(row.finished_at),
      erased_at: timeOrNull(row.erased_at),
      duration: secondsBetween(row.started_at, row.finished_at ?? now),
      queued_duration: secondsBetween(row.queued_at, row.started_at ?? row.finished_at ?? now),
      ...(row.failure_reason === null ? {} : { failure_reason: row.failure_reason }),
      exit_code: row.exit_code,
      attempt: row.attempt,
      web_url: `${parts.server.url}/${project.path}/-/jobs/${row.id}`,
    };
  });
}

/** What all jobs of a pipeline have in common; said once, however many there are. */
function commonOf(pipeline: PipelineRow, project: Project, parts: ViewParts) {
  const { message, author } = readStored(pipeline).context.commit;
  const [, name = author, email = ''] = /^(.*?)\s*<([^>]*)>$/.exec(author) ?? [];
  return {
    ref: pipeline.ref,
    tag: pipeline.tag === 1,
    user: administratorView(parts),
    commit: {
      id: pipeline.sha,
      short_id: pipeline.sha.slice(0, 8),
      title: pipeline.title ?? '',
      message,
      author_name: name,
      author_email: email,
    },
    pipeline: pipelineView(pipeline, project, parts.server.url),
  };
}

function artifactView({ type, size, name, format }: StoredArtifact) {
  return { file_type: type, size, filename: name, file_format: format };
}

function runnerView(runner: Runner | undefined): RestJob['runner'] {
  if (runner === undefined) return null;
  return {
    id: runner.id,
    description: runner.description,
    runner_type: runner.kind,
    is_shared: runner.kind === 'instance_type',
    paused: runner.paused,
  };
}

function present(ids: readonly (number | null)[]): readonly number[] {
  return [...new Set(ids.filter((id) => id !== null))];
}
