import type { PipelineEvent } from '../../../pipeline/index.ts';
import type { PlayJob } from '../../../protocol/index.ts';
import { eraseJob, type JobRow, latestJobAt } from '../../../store/index.ts';
import { orderBlobRemoval } from '../../housekeeping/blob-removal.ts';
import { runsBefore } from '../../places/begin-again.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import type { RestScope } from '../rest-scope.ts';
import { jobIn } from './job-in.ts';
import { jobView } from './one-job-view.ts';

/** What can be done to a job: started by hand, retried, canceled. */
export function jobActions(scope: RestScope): void {
  const { api, parts, schemas, access } = scope;
  const { RestJob, RestFailure, JobParams } = schemas;
  const { store, pipelines, places } = parts;

  api.post(
    '/projects/:id/jobs/:job_id/play',
    {
      schema: {
        summary: 'Start a manual or delayed job',
        params: JobParams,
        body: schemas.optional(schemas.PlayJob),
        response: { 200: RestJob, '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const row = await jobIn(store, project, request.params.job_id);
      const variables = variablesOf(request.body);
      const after = await change(row, { type: 'job-played', job: row.name, variables });
      if (after === null) throw new Refusal(400, 'Unplayable Job');
      return jobView(scope, project, after);
    },
  );

  api.post(
    '/projects/:id/jobs/:job_id/unschedule',
    {
      schema: {
        summary: 'Take a delayed job from its timer: it waits to be played',
        params: JobParams,
        response: { 200: RestJob, '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const row = await jobIn(store, project, request.params.job_id);
      const after = await change(row, { type: 'job-unscheduled', job: row.name });
      if (after === null) throw new Refusal(400, 'The job is not scheduled');
      return jobView(scope, project, after);
    },
  );

  api.post(
    '/projects/:id/jobs/:job_id/retry',
    {
      schema: {
        summary: 'Run a job that is over once more',
        params: JobParams,
        body: schemas.optional(schemas.PlayJob),
        response: { 201: RestJob, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const row = await jobIn(store, project, request.params.job_id);
      const given = request.body?.job_variables_attributes;
      const variables = given === undefined ? null : variablesOf(request.body);
      const after = await change(row, { type: 'job-retried', job: row.name, variables });
      if (after === null) throw new Refusal(403, '403 Forbidden - Job is not retryable');
      return reply.code(201).send(await jobView(scope, project, after));
    },
  );

  api.post(
    '/projects/:id/jobs/:job_id/cancel',
    {
      schema: {
        summary: 'Cancel a job; its after_script still runs',
        params: JobParams,
        response: { 201: RestJob, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const row = await jobIn(store, project, request.params.job_id);
      const after = (await change(row, { type: 'job-canceled', job: row.name })) ?? row;
      return reply.code(201).send(await jobView(scope, project, after));
    },
  );

  api.post(
    '/projects/:id/jobs/:job_id/erase',
    {
      schema: {
        summary: 'Take away the log and the artifacts of a job that is over',
        params: JobParams,
        response: { 201: RestJob, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const row = await jobIn(store, project, request.params.job_id);
      await erase(row, true);
      return reply.code(201).send(await jobView(scope, project, await jobIn(store, project, row.id)));
    },
  );

  api.delete(
    '/projects/:id/jobs/:job_id/artifacts',
    {
      schema: {
        summary: 'Take away the artifacts of a job that is over',
        params: JobParams,
        response: { 204: schemas.Nothing, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { writes: true });
      await erase(await jobIn(store, project, request.params.job_id), false);
      return reply.code(204).send(null);
    },
  );

  async function erase({ id, finished_at: finishedAt }: JobRow, log: boolean): Promise<void> {
    if (finishedAt === null) throw new Refusal(403, '403 Forbidden - Job is not erasable!');
    await store.write(async (tx) => {
      const blobs = await eraseJob(tx.db, id, { now: parts.clock.now(), log });
      await orderBlobRemoval(parts.outbox, tx, { blobs, logsOf: log ? [id] : [] });
    });
  }

  async function refuseTooEarly({ pipeline_id: id, name }: JobRow): Promise<void> {
    const state = await pipelines.state(id);
    const before = state === null ? null : runsBefore(state, name);
    if (before !== null)
      throw new Refusal(403, `403 Forbidden - ${before} runs again, and makes the files that ${name} needs`);
  }

  /** Answers with the attempt that counts then; null: the event had nothing to change, or is about an older attempt. */
  async function change(row: JobRow, event: PipelineEvent): Promise<JobRow | null> {
    if (row.latest !== 1) return null;
    if (event.type === 'job-played') await refuseTooEarly(row);
    const sets = event.type === 'job-retried' || event.type === 'job-played';
    const commands = await store.write(async (tx) => {
      if (sets && !(await places.isThereIn(tx, row))) throw new Refusal(403, FILES_GONE);
      return pipelines.applyIn(tx, row.pipeline_id, [event]);
    });
    if (commands === null || commands.length === 0) return null;
    return store.read((db) => latestJobAt(db, row.pipeline_id, row.position));
  }
}

const FILES_GONE =
  '403 Forbidden - The files that the steps of this pipeline share are gone: retry the pipeline, which begins again with its first step';

function variablesOf(body: PlayJob | null | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries((body?.job_variables_attributes ?? []).map(({ key, value }) => [key, value]));
}
