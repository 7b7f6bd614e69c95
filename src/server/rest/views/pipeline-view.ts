import { formatProblem } from '../../../config/index.ts';
import type { RestPipeline, RestPipelineDetails } from '../../../protocol/index.ts';
import type { PipelineRow, Project } from '../../../store/index.ts';
import { readStored } from '../../pipelines/stored-context.ts';
import type { ServerParts } from '../../server-parts.ts';
import { secondsBetween, time, timeOrNull } from './times.ts';
import { administratorView } from './user-view.ts';

type ViewParts = Pick<ServerParts, 'administrator' | 'server' | 'clock'>;

/** A pipeline as lists show it. */
export function pipelineView(row: PipelineRow, project: Pick<Project, 'path'>, url: string): RestPipeline {
  return {
    id: row.id,
    iid: row.iid,
    project_id: row.project_id,
    sha: row.sha,
    ref: row.ref,
    status: row.status,
    source: row.source,
    name: row.name,
    created_at: time(row.created_at),
    updated_at: time(row.updated_at),
    web_url: `${url}/${project.path}/-/pipelines/${row.id}`,
  };
}

/** A pipeline by itself; `coverage` in percent. */
export function pipelineDetails(
  row: PipelineRow,
  project: Project,
  parts: ViewParts,
  coverage: number | null = null,
): RestPipelineDetails {
  const errors = readStored(row).problems?.filter(({ severity }) => severity === 'error') ?? [];
  const until = row.finished_at ?? (row.started_at === null ? null : parts.clock.now());
  const duration = secondsBetween(row.started_at, until);
  return {
    ...pipelineView(row, project, parts.server.url),
    before_sha: row.before_sha ?? NO_COMMIT,
    tag: row.tag === 1,
    yaml_errors:
      errors.length === 0 ? null : errors.map((one) => formatProblem(one, { color: false })).join('\n'),
    user: administratorView(parts),
    started_at: timeOrNull(row.started_at),
    finished_at: timeOrNull(row.finished_at),
    committed_at: null,
    duration: duration === null ? null : Math.round(duration),
    queued_duration: secondsBetween(row.created_at, row.started_at),
    coverage: coverage?.toFixed(2) ?? null,
    detailed_status: detailedStatus(row.status, `/${project.path}/-/pipelines/${row.id}`),
  };
}

const NO_COMMIT = '0'.repeat(40);

function detailedStatus(status: string, path: string): RestPipelineDetails['detailed_status'] {
  const words = status.replaceAll('_', ' ');
  const label = LABELS.get(status) ?? words;
  return {
    icon: `status_${status}`,
    text: `${words.charAt(0).toUpperCase()}${words.slice(1)}`,
    label,
    group: status.replaceAll('_', '-'),
    tooltip: label,
    has_details: true,
    details_path: path,
  };
}

const LABELS: ReadonlyMap<string, string> = new Map([
  ['success', 'passed'],
  ['manual', 'manual action'],
]);
