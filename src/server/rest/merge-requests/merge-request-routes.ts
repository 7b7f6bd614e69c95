import type { RestMergeRequest, UpdateMergeRequest } from '../../../protocol/index.ts';
import {
  createMergeRequest,
  listMergeRequests,
  type MergeRequest,
  mergeRequestByIid,
  openMergeRequest,
  type Project,
  updateMergeRequest,
} from '../../../store/index.ts';
import { orderPushed } from '../../merge-requests/merge-request-orders.ts';
import { pageOf } from '../paging/page-of.ts';
import { pageRows } from '../paging/send-page.ts';
import type { RestScope } from '../rest-scope.ts';
import { time, timeOrNull } from '../views/times.ts';
import { administratorView } from '../views/user-view.ts';
import { wrongFields } from '../wrong-fields.ts';
import { found } from './found-merge-request.ts';
import { mergeRequestPipelineRoutes } from './merge-request-pipeline-routes.ts';

/** Merge requests of a project: as much of them as pipelines need. Merging is done with git. */
export function mergeRequestRoutes(scope: RestScope): void {
  const { api, parts, schemas, access } = scope;
  const { RestMergeRequest: Shown, RestFailure, ProjectParams, MergeRequestParams } = schemas;
  const { store, clock, commits, outbox, server } = parts;
  const path = '/projects/:id/merge_requests';

  const view = (request: MergeRequest, project: Project): RestMergeRequest => ({
    id: request.id,
    iid: request.iid,
    project_id: project.id,
    title: request.title,
    description: request.description,
    state: request.state,
    draft: /^\s*(?:draft:|\[draft\]|\(draft\))/i.test(request.title),
    labels: [...request.labels],
    source_branch: request.sourceBranch,
    target_branch: request.targetBranch,
    source_project_id: project.id,
    target_project_id: project.id,
    sha: request.sha,
    author: administratorView(parts),
    created_at: time(request.createdAt),
    updated_at: time(request.updatedAt),
    closed_at: timeOrNull(request.closedAt),
    merged_at: timeOrNull(request.mergedAt),
    web_url: `${server.url}/${project.path}/-/merge_requests/${request.iid}`,
  });

  async function mustHaveBranch(project: Project, field: string, name: string): Promise<void> {
    if ((await commits.resolve(project.id, `refs/heads/${name}`)) === null) {
      throw wrongFields({ [field]: ['does not exist'] });
    }
  }

  function mustBeAlone(other: MergeRequest | null): void {
    if (other === null) return;
    throw wrongFields(
      { base: [`Another open merge request already exists for this source branch: !${other.iid}`] },
      409,
    );
  }

  api.get(
    path,
    {
      schema: {
        summary: 'List merge requests, the newest first',
        params: ProjectParams,
        querystring: schemas.ListMergeRequests,
        response: { 200: schemas.listOf(Shown), '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id);
      const { query } = request;
      const asked = pageOf(query);
      const filter = {
        projectId: project.id,
        ...(query.state === undefined || query.state === 'all' ? {} : { state: query.state }),
        ...(query.source_branch === undefined ? {} : { sourceBranch: query.source_branch }),
        ...(query.target_branch === undefined ? {} : { targetBranch: query.target_branch }),
      };
      const rows = await store.read((db) => listMergeRequests(db, filter, asked.page));
      const shown = pageRows({ request, reply, url: server.url }, asked, rows);
      return shown.map((row) => view(row, project));
    },
  );

  api.post(
    path,
    {
      schema: {
        summary: 'Make a merge request, and its pipeline',
        params: ProjectParams,
        body: schemas.CreateMergeRequest,
        response: { 201: Shown, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const {
        source_branch: sourceBranch,
        target_branch: targetBranch,
        title,
        description = '',
      } = request.body;
      if (sourceBranch === targetBranch)
        throw wrongFields({ branch_conflict: ["You can't use same branch"] });
      await mustHaveBranch(project, 'source_branch', sourceBranch);
      await mustHaveBranch(project, 'target_branch', targetBranch);
      const branches = { projectId: project.id, sourceBranch, targetBranch };
      const made = await store.write(async (tx) => {
        const labels = labelsOf(request.body.labels);
        const created = await createMergeRequest(tx.db, {
          ...{ ...branches, title, description, labels, sha: null, now: clock.now() },
        });
        if (created === null) mustBeAlone(await openMergeRequest(tx.db, branches));
        else await orderPushed(outbox, tx, { projectId: project.id, name: sourceBranch });
        return created;
      });
      return reply.code(201).send(view(found(made), project));
    },
  );

  api.get(
    `${path}/:merge_request_iid`,
    {
      schema: {
        summary: 'One merge request',
        params: MergeRequestParams,
        response: { 200: Shown, '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id);
      const { merge_request_iid: iid } = request.params;
      return view(found(await store.read((db) => mergeRequestByIid(db, project.id, iid))), project);
    },
  );

  api.put(
    `${path}/:merge_request_iid`,
    {
      schema: {
        summary: 'Change, close or open a merge request',
        params: MergeRequestParams,
        body: schemas.UpdateMergeRequest,
        response: { 200: Shown, '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const { body } = request;
      const before = found(
        await store.read((db) => mergeRequestByIid(db, project.id, request.params.merge_request_iid)),
      );
      if (body.target_branch !== undefined)
        await mustHaveBranch(project, 'target_branch', body.target_branch);
      const changed = await store.write(async (tx) => {
        const { targetBranch, state } = { ...before, ...changesOf(body, before) };
        if (state === 'opened') {
          const other = await openMergeRequest(tx.db, { ...before, targetBranch });
          mustBeAlone(other?.id === before.id ? null : other);
        }
        const after = await updateMergeRequest(tx.db, before.id, changesOf(body, before), clock.now());
        if (before.state !== 'opened' && state === 'opened') {
          await orderPushed(outbox, tx, { projectId: project.id, name: before.sourceBranch });
        }
        return after;
      });
      return view(found(changed), project);
    },
  );

  mergeRequestPipelineRoutes(scope);
}

function changesOf(body: UpdateMergeRequest, before: MergeRequest): Partial<MergeRequest> {
  const { title, description, target_branch: targetBranch, labels, state_event: event } = body;
  if (event !== undefined && before.state === 'merged') {
    throw wrongFields({ state_event: ['a merged one can be neither closed nor opened'] });
  }
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(targetBranch === undefined ? {} : { targetBranch }),
    ...(labels === undefined ? {} : { labels: labelsOf(labels) }),
    ...(event === undefined ? {} : { state: event === 'close' ? 'closed' : 'opened' }),
  };
}

function labelsOf(text = ''): readonly string[] {
  const labels = text.split(',').map((label) => label.trim());
  return [...new Set(labels.filter((label) => label !== ''))];
}
