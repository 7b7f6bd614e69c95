import { listPipelines, mergeRequestByIid } from '../../../store/index.ts';
import { mergeRequestRef } from '../../merge-requests/merge-request-ref.ts';
import { pageOf } from '../paging/page-of.ts';
import { pageRows } from '../paging/send-page.ts';
import { pipelineIn } from '../pipelines/pipeline-in.ts';
import { whyNot } from '../pipelines/why-not.ts';
import type { RestScope } from '../rest-scope.ts';
import { pipelineDetails, pipelineView } from '../views/pipeline-view.ts';
import { wrongFields } from '../wrong-fields.ts';
import { found } from './found-merge-request.ts';

/** The pipelines of a merge request: listed, and made. */
export function mergeRequestPipelineRoutes({ api, parts, schemas, access }: RestScope): void {
  const { RestPipeline, RestPipelineDetails, RestFailure, MergeRequestParams, PageQuery } = schemas;
  const { store, server, mergeRequests } = parts;
  const path = '/projects/:id/merge_requests/:merge_request_iid/pipelines';

  api.get(
    path,
    {
      schema: {
        summary: 'List the pipelines of a merge request, the newest first',
        params: MergeRequestParams,
        querystring: PageQuery,
        response: { 200: schemas.listOf(RestPipeline), '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id);
      const { merge_request_iid: iid } = request.params;
      found(await store.read((db) => mergeRequestByIid(db, project.id, iid)));
      const asked = pageOf(request.query);
      const filter = { projectId: project.id, ref: mergeRequestRef(iid), childrenToo: false };
      const rows = await store.read((db) => listPipelines(db, filter, asked.page));
      const shown = pageRows({ request, reply, url: server.url }, asked, rows);
      return shown.map((row) => pipelineView(row, project, server.url));
    },
  );

  api.post(
    path,
    {
      schema: {
        summary: 'Start a pipeline of a merge request',
        params: MergeRequestParams,
        response: { 201: RestPipelineDetails, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const { merge_request_iid: iid } = request.params;
      const asked = found(await store.read((db) => mergeRequestByIid(db, project.id, iid)));
      const made = await mergeRequests.make(project, asked);
      if (made === null) throw wrongFields({ base: ['One of its branches is gone'] });
      if (made.kind !== 'created') throw wrongFields({ base: whyNot(made) });
      const row = await pipelineIn(store, project, made.id);
      return reply.code(201).send(pipelineDetails(row, project, parts));
    },
  );
}
