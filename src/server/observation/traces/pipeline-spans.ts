import { createHash } from 'node:crypto';
import { type Db, type JobRow, type PipelineRow, pipelineById, projectById } from '../../../store/index.ts';
import { type Attributes, attributesOf, nanoseconds, type OtlpSpan } from './otlp-span.ts';

export interface PipelineSpansRequest {
  readonly pipelineId: number;
  /** Where the server is reached, without a slash at its end: two servers' pipelines have the same numbers. */
  readonly serverUrl: string;
  /** What ended no later than this has been told before, when the pipeline had been over once already; null: nothing. */
  readonly toldUntil: number | null;
}

/**
 * A pipeline as a trace: a span for itself, and one for each attempt of a job, with events for when it was queued and
 * when a runner took it. Names are those of https://opentelemetry.io/docs/specs/semconv/cicd/cicd-spans/. Ids follow from
 * the numbers of the pipeline and its jobs, so that another server process, and the pipelines that this one started, come
 * to the same. Null when it is gone, or not over.
 */
export async function pipelineSpans(
  db: Db,
  request: PipelineSpansRequest,
): Promise<readonly OtlpSpan[] | null> {
  const pipeline = await pipelineById(db, request.pipelineId);
  if (pipeline === null || pipeline.finished_at === null) return null;
  const project = await projectById(db, pipeline.project_id);
  if (project === null) return null;
  const ids = idsOf(request.serverUrl);
  const jobs: readonly JobRow[] = await db
    .selectFrom('jobs')
    .selectAll()
    .where('pipeline_id', '=', pipeline.id)
    .orderBy('id')
    .execute();
  const news = jobs.filter(({ finished_at: end }) => end !== null && end > (request.toldUntil ?? -1));
  const about = { url: `${request.serverUrl}/${project.path}`, path: project.path };
  const cause = pipeline.parent_job_id === null ? null : await linkToJob(db, ids, pipeline.parent_job_id);
  return [
    pipelineSpan(ids, pipeline, about, cause),
    ...news.map((job) => jobSpan(ids, pipeline, job, about)),
  ];
}

interface About {
  readonly url: string;
  readonly path: string;
}

function pipelineSpan(
  ids: Ids,
  pipeline: PipelineRow,
  about: About,
  cause: OtlpSpan['links'][number] | null,
): OtlpSpan {
  const { id, status, ref, sha, source } = pipeline;
  const result = RESULTS[status] ?? 'error';
  return {
    traceId: ids.trace(id),
    spanId: ids.pipeline(id),
    name: `RUN ${about.path}`,
    kind: SERVER,
    startTimeUnixNano: nanoseconds(pipeline.created_at),
    endTimeUnixNano: nanoseconds(pipeline.finished_at ?? pipeline.updated_at),
    attributes: attributesOf({
      'cicd.pipeline.name': about.path,
      'cicd.pipeline.run.id': String(id),
      'cicd.pipeline.run.url.full': `${about.url}/-/pipelines/${id}`,
      'cicd.pipeline.result': result,
      'vcs.ref.head.name': ref,
      'vcs.ref.head.revision': sha,
      'vcs.ref.head.type': pipeline.tag === 1 ? 'tag' : 'branch',
      'slipway.pipeline.source': source,
      ...(result === 'failure' ? { 'error.type': 'failed' } : {}),
    }),
    events:
      pipeline.started_at === null
        ? []
        : [{ timeUnixNano: nanoseconds(pipeline.started_at), name: 'running' }],
    links: cause === null ? [] : [cause],
    status: statusOf(result),
  };
}

function jobSpan(ids: Ids, pipeline: PipelineRow, job: JobRow, about: About): OtlpSpan {
  const start = job.queued_at ?? job.started_at ?? job.created_at;
  const events = [
    ...(job.queued_at === null ? [] : [{ timeUnixNano: nanoseconds(job.queued_at), name: 'queued' }]),
    ...(job.started_at === null ? [] : [{ timeUnixNano: nanoseconds(job.started_at), name: 'running' }]),
  ];
  const result =
    job.failure_reason === 'job_execution_timeout' ? 'timeout' : (RESULTS[job.status] ?? 'error');
  const attributes: Attributes = {
    'cicd.pipeline.task.name': job.name,
    'cicd.pipeline.task.run.id': String(job.id),
    'cicd.pipeline.task.run.url.full': `${about.url}/-/jobs/${job.id}`,
    'cicd.pipeline.task.run.result': result,
    'slipway.job.stage': job.stage,
    'slipway.job.attempt': job.attempt,
    ...(job.runner_id === null ? {} : { 'cicd.worker.id': String(job.runner_id) }),
    ...(job.failure_reason === null ? {} : { 'error.type': job.failure_reason }),
    ...(job.exit_code === null ? {} : { 'process.exit.code': job.exit_code }),
  };
  return {
    traceId: ids.trace(pipeline.id),
    spanId: ids.job(job.id),
    parentSpanId: ids.pipeline(pipeline.id),
    name: `RUN ${job.name}`,
    kind: INTERNAL,
    startTimeUnixNano: nanoseconds(start),
    endTimeUnixNano: nanoseconds(Math.max(start, job.finished_at ?? start)),
    attributes: attributesOf(attributes),
    events,
    links: [],
    status: statusOf(job.allow_failure === 1 ? 'success' : result),
  };
}

/** The job that started this pipeline. */
async function linkToJob(db: Db, ids: Ids, jobId: number): Promise<OtlpSpan['links'][number] | null> {
  const job = await db.selectFrom('jobs').select('pipeline_id').where('id', '=', jobId).executeTakeFirst();
  if (job === undefined) return null;
  return {
    traceId: ids.trace(job.pipeline_id),
    spanId: ids.job(jobId),
    attributes: attributesOf({ 'slipway.link': 'upstream job' }),
  };
}

interface Ids {
  trace(pipelineId: number): string;
  pipeline(pipelineId: number): string;
  job(jobId: number): string;
}

function idsOf(serverUrl: string): Ids {
  const hash = (what: string, id: number, bytes: number) =>
    createHash('sha256')
      .update(`${serverUrl} ${what} ${id}`)
      .digest('hex')
      .slice(0, bytes * 2);
  return {
    trace: (id) => hash('trace', id, 16),
    pipeline: (id) => hash('pipeline', id, 8),
    job: (id) => hash('job', id, 8),
  };
}

const INTERNAL = 1;
const SERVER = 2;

const RESULTS: Readonly<Record<string, string>> = {
  success: 'success',
  failed: 'failure',
  canceled: 'cancellation',
  skipped: 'skip',
};

function statusOf(result: string): OtlpSpan['status'] {
  return result === 'failure' || result === 'timeout' || result === 'error' ? { code: 2 } : { code: 0 };
}
