import { isRefName } from '../../../base/ref-name.ts';
import type { CreateProject, UpdateProject } from '../../../protocol/index.ts';
import {
  createProject,
  listProjects,
  type Project,
  type ProjectSettings,
  updateProject,
} from '../../../store/index.ts';
import { readProjectPath } from '../../git/index.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import { pageOf } from '../paging/page-of.ts';
import { pageRows } from '../paging/send-page.ts';
import type { RestScope } from '../rest-scope.ts';
import { projectView } from '../views/project-view.ts';

/** Projects: made, listed, changed. */
export function projectRoutes({ api, parts, schemas, access }: RestScope): void {
  const { RestProject, RestFailure, ProjectParams, ListProjects } = schemas;
  const { store, clock, repositories, server } = parts;

  api.get(
    '/projects',
    {
      schema: {
        summary: 'List projects',
        querystring: ListProjects,
        response: { 200: schemas.listOf(RestProject), '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const who = access.caller(request);
      const asked = pageOf(query);
      const page = {
        ...asked.page,
        ...(query.id_after === undefined ? {} : { after: query.id_after }),
        ...(query.id_before === undefined ? {} : { before: query.id_before }),
      };
      const filter = {
        ...(query.search === undefined ? {} : { search: query.search }),
        ...(who.kind === 'administrator' ? {} : { publicOr: who.kind === 'nobody' ? null : who.projectId }),
      };
      const rows = await store.read((db) => listProjects(db, filter, page));
      const shown = pageRows({ request, reply, url: server.url }, asked, rows);
      return shown.map((project) => projectView(project, server.url));
    },
  );

  api.post(
    '/projects',
    {
      schema: {
        summary: 'Make a project with an empty repository',
        body: schemas.CreateProject,
        response: { 201: RestProject, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      access.administrator(request, { writes: true });
      const { body } = request;
      const path = pathOf(body);
      if (path === null) return reply.code(400).send({ message: { path: ['is invalid'] } });
      const defaultBranch = branchOf(body.default_branch) ?? 'main';
      const project = await store.write(({ db }) =>
        createProject(db, {
          ...{ path, defaultBranch, now: clock.now(), settings: settingsOf(body) },
          configPath: body.ci_config_path ?? null,
          ...(body.name === undefined ? {} : { name: body.name }),
        }),
      );
      if (project === null) return reply.code(400).send({ message: { path: ['has already been taken'] } });
      await repositories.create(project.id, defaultBranch);
      return reply.code(201).send(projectView(project, server.url));
    },
  );

  api.get(
    '/projects/:id',
    {
      schema: {
        summary: 'One project',
        params: ProjectParams,
        response: { 200: RestProject, '4xx': RestFailure },
      },
    },
    async (request) => projectView(await access.project(request, request.params.id), server.url),
  );

  api.put(
    '/projects/:id',
    {
      schema: {
        summary: 'Change a project',
        params: ProjectParams,
        body: schemas.UpdateProject,
        response: { 200: RestProject, '4xx': RestFailure },
      },
    },
    async (request) => {
      const { body } = request;
      const project = await access.project(request, request.params.id, { writes: true });
      const defaultBranch = branchOf(body.default_branch);
      // The repository first: a name that git does not take must not stand in the database.
      if (defaultBranch !== undefined) await repositories.setDefaultBranch(project.id, defaultBranch);
      const changed = await store.write(({ db }) =>
        updateProject(db, project.id, {
          ...(body.name === undefined ? {} : { name: body.name }),
          ...(defaultBranch === undefined ? {} : { defaultBranch }),
          ...(body.ci_config_path === undefined ? {} : { configPath: body.ci_config_path }),
          settings: settingsOf(body),
        }),
      );
      return projectView(presentProject(changed), server.url);
    },
  );

  api.delete(
    '/projects/:id',
    {
      schema: {
        summary: 'Remove a project with its repository, pipelines and artifacts',
        params: ProjectParams,
        response: { 202: schemas.RestAccepted, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      access.administrator(request, { writes: true });
      const { id } = await access.project(request, request.params.id, { writes: true });
      await parts.deletion.project(id);
      return reply.code(202).send({ message: '202 Accepted' });
    },
  );
}

function presentProject(project: Project | null): Project {
  if (project === null) throw new Refusal(404, '404 Project Not Found');
  return project;
}

function branchOf(name: string | undefined): string | undefined {
  if (name !== undefined && !isRefName(name)) throw new Refusal(400, 'default_branch is no name of a branch');
  return name;
}

/** The path that a project gets: of its name, as GitLab makes it, when none is given. null: none can be made. */
function pathOf({ name, path, namespace_path: group = 'root' }: CreateProject): string | null {
  const last =
    path ??
    (name ?? '')
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^a-z0-9_.-]+/g, '-')
      .replace(/^[-.]+|[-.]+$/g, '');
  return readProjectPath(`${group}/${last}`);
}

function settingsOf(body: UpdateProject): Partial<ProjectSettings> {
  const { auto_cancel_pending_pipelines: autoCancel } = body;
  return {
    ...(body.visibility === undefined ? {} : { visibility: body.visibility }),
    ...(body.build_timeout === undefined ? {} : { timeoutSeconds: body.build_timeout }),
    ...(body.ci_default_git_depth === undefined ? {} : { gitDepth: body.ci_default_git_depth }),
    ...(autoCancel === undefined ? {} : { autoCancelRedundant: autoCancel === 'enabled' }),
  };
}
