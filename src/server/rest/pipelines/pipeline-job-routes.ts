import { listJobs } from '../../../store/index.ts';
import { scopesOf } from '../jobs/scopes.ts';
import { pageOf } from '../paging/page-of.ts';
import { pageRows } from '../paging/send-page.ts';
import type { RestScope } from '../rest-scope.ts';
import { bridgeViews, jobViews } from '../views/job-view.ts';
import { pipelineIn } from './pipeline-in.ts';

/** The jobs of a pipeline: those that runners take, and those that start other pipelines. */
export function pipelineJobRoutes({ api, parts, schemas, access }: RestScope): void {
  const { RestJob, RestBridge, RestFailure, PipelineParams, ListPipelineJobs } = schemas;
  const { store, server } = parts;

  api.get(
    '/projects/:id/pipelines/:pipeline_id/jobs',
    {
      schema: {
        summary: 'List the jobs of a pipeline',
        params: PipelineParams,
        querystring: ListPipelineJobs,
        response: { 200: schemas.listOf(RestJob), '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const project = await access.project(request, request.params.id);
      const { id: pipelineId } = await pipelineIn(store, project, request.params.pipeline_id);
      const asked = pageOf(query);
      const filter = { pipelineId, kind: 'build', retried: query.include_retried ?? false } as const;
      return store.read(async (db) => {
        const rows = await listJobs(db, { ...filter, statuses: scopesOf(query) }, asked.page);
        const shown = pageRows({ request, reply, url: server.url }, asked, rows);
        return jobViews(db, shown, project, parts);
      });
    },
  );

  api.get(
    '/projects/:id/pipelines/:pipeline_id/bridges',
    {
      schema: {
        summary: 'List the jobs of a pipeline that start other pipelines',
        params: PipelineParams,
        querystring: ListPipelineJobs,
        response: { 200: schemas.listOf(RestBridge), '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const project = await access.project(request, request.params.id);
      const { id: pipelineId } = await pipelineIn(store, project, request.params.pipeline_id);
      const asked = pageOf(query);
      const filter = { pipelineId, kind: 'bridge', retried: query.include_retried ?? false } as const;
      return store.read(async (db) => {
        const rows = await listJobs(db, { ...filter, statuses: scopesOf(query) }, asked.page);
        const shown = pageRows({ request, reply, url: server.url }, asked, rows);
        return bridgeViews(db, shown, project, parts);
      });
    },
  );
}
