import type { ListPipelines } from '../../../protocol/index.ts';
import { latestPipeline, listPipelines, meanCoverage, type PipelineFilter } from '../../../store/index.ts';
import { readStored } from '../../pipelines/stored-context.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import { pageOf } from '../paging/page-of.ts';
import { pageRows } from '../paging/send-page.ts';
import type { RestScope } from '../rest-scope.ts';
import { pipelineDetails, pipelineView } from '../views/pipeline-view.ts';
import { pipelineActions } from './pipeline-actions.ts';
import { pipelineIn } from './pipeline-in.ts';
import { pipelineJobRoutes } from './pipeline-job-routes.ts';

/** Pipelines of a project: listed, looked at; and what can be done to them. */
export function pipelineRoutes(scope: RestScope): void {
  const { api, parts, schemas, access } = scope;
  const { RestPipeline, RestPipelineDetails, RestFailure, PipelineParams, ProjectParams } = schemas;
  const { store, server } = parts;

  api.get(
    '/projects/:id/pipelines',
    {
      schema: {
        summary: 'List pipelines, the newest first',
        params: ProjectParams,
        querystring: schemas.ListPipelines,
        response: { 200: schemas.listOf(RestPipeline), '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id);
      const asked = pageOf(request.query);
      const rows = await store.read((db) =>
        listPipelines(db, filterOf(project.id, request.query), asked.page),
      );
      const shown = pageRows({ request, reply, url: server.url }, asked, rows);
      return shown.map((row) => pipelineView(row, project, server.url));
    },
  );

  api.get(
    '/projects/:id/pipelines/latest',
    {
      schema: {
        summary: 'The newest pipeline of a branch or tag',
        params: ProjectParams,
        querystring: schemas.LatestPipelineQuery,
        response: { 200: RestPipelineDetails, '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id);
      const { ref = project.defaultBranch } = request.query;
      const row = await store.read((db) => latestPipeline(db, project.id, ref));
      // GitLab answers so too: whoever may read the project may know that there is none.
      if (row === null) throw new Refusal(403, '403 Forbidden');
      return pipelineDetails(row, project, parts, await store.read((db) => meanCoverage(db, row.id)));
    },
  );

  api.get(
    '/projects/:id/pipelines/:pipeline_id',
    {
      schema: {
        summary: 'One pipeline',
        params: PipelineParams,
        response: { 200: RestPipelineDetails, '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id);
      const row = await pipelineIn(store, project, request.params.pipeline_id);
      return pipelineDetails(row, project, parts, await store.read((db) => meanCoverage(db, row.id)));
    },
  );

  api.get(
    '/projects/:id/pipelines/:pipeline_id/variables',
    {
      schema: {
        summary: 'The variables that a pipeline was started with',
        params: PipelineParams,
        response: { 200: schemas.listOf(schemas.RestPipelineVariable), '4xx': RestFailure },
      },
    },
    async (request) => {
      // Their values may be secrets: whoever may only read does not see them.
      const project = await access.project(request, request.params.id, { writes: true });
      const row = await pipelineIn(store, project, request.params.pipeline_id);
      return Object.entries(readStored(row).context.pipelineVariables).map(([key, variable]) => ({
        key,
        value: variable.value,
        variable_type: variable.file ? ('file' as const) : ('env_var' as const),
        raw: !variable.expand,
      }));
    },
  );

  pipelineActions(scope);
  pipelineJobRoutes(scope);
}

function filterOf(projectId: number, query: ListPipelines): PipelineFilter {
  const { ref, sha, status, source, scope, name } = query;
  if (status !== undefined && scope !== undefined && SCOPES[scope].statuses !== undefined) {
    throw new Refusal(400, 'scope and status exclude each other');
  }
  return {
    projectId,
    ...(scope === undefined ? {} : SCOPES[scope]),
    ...(ref === undefined ? {} : { ref }),
    ...(sha === undefined ? {} : { sha }),
    ...(status === undefined ? {} : { statuses: [status] }),
    // GitLab's list leaves out children, unless they are asked for.
    ...(source === undefined ? { childrenToo: false } : { source }),
    ...(name === undefined ? {} : { name }),
    ...momentOf('createdAfter', query.created_after),
    ...momentOf('createdBefore', query.created_before),
    ...momentOf('updatedAfter', query.updated_after),
    ...momentOf('updatedBefore', query.updated_before),
  };
}

const SCOPES: Readonly<
  Record<NonNullable<ListPipelines['scope']>, Pick<PipelineFilter, 'statuses' | 'tag'>>
> = {
  running: { statuses: ['running'] },
  pending: { statuses: ['pending'] },
  finished: { statuses: ['success', 'failed', 'canceled'] },
  branches: { tag: false },
  tags: { tag: true },
};

function momentOf(name: 'createdAfter' | 'createdBefore' | 'updatedAfter' | 'updatedBefore', text?: string) {
  return text === undefined ? {} : { [name]: Date.parse(text) };
}
