import type { FastifyRequest } from 'fastify';
import { projectById, updateProject } from '../../../store/index.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import { slicePage } from '../paging/slice-page.ts';
import type { RestScope } from '../rest-scope.ts';

/** Protected branches and tags: names and patterns in a project's settings. */
export function protectedRefRoutes(scope: RestScope): void {
  const { api, parts, schemas, access } = scope;
  const { RestProtectedBranch, RestProtectedTag, RestFailure, Nothing } = schemas;
  const { ProjectParams, ProtectedRefParams, ListVariables, ProtectRef } = schemas;
  const url = () => parts.server.url;

  api.get(
    '/projects/:id/protected_branches',
    {
      schema: {
        summary: 'List protected branches',
        params: ProjectParams,
        querystring: ListVariables,
        response: { 200: schemas.listOf(RestProtectedBranch), '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const { settings } = await access.project(request, request.params.id);
      const to = { request, reply, url: url() };
      return slicePage(to, request.query, settings.protectedBranches).map(branchView);
    },
  );

  api.post(
    '/projects/:id/protected_branches',
    {
      schema: {
        summary: 'Protect a branch, or those of a pattern',
        params: ProjectParams,
        body: ProtectRef,
        response: { 201: RestProtectedBranch, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      await protect(request, request.params.id, 'protectedBranches', request.body.name);
      return reply.code(201).send(branchView(request.body.name));
    },
  );

  api.delete(
    '/projects/:id/protected_branches/:name',
    {
      schema: {
        summary: 'Protect a branch no longer',
        params: ProtectedRefParams,
        response: { 204: Nothing, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      await unprotect(request, request.params.id, 'protectedBranches', request.params.name);
      return reply.code(204).send(null);
    },
  );

  api.get(
    '/projects/:id/protected_tags',
    {
      schema: {
        summary: 'List protected tags',
        params: ProjectParams,
        querystring: ListVariables,
        response: { 200: schemas.listOf(RestProtectedTag), '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const { settings } = await access.project(request, request.params.id);
      return slicePage({ request, reply, url: url() }, request.query, settings.protectedTags).map(tagView);
    },
  );

  api.post(
    '/projects/:id/protected_tags',
    {
      schema: {
        summary: 'Protect a tag, or those of a pattern',
        params: ProjectParams,
        body: ProtectRef,
        response: { 201: RestProtectedTag, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      await protect(request, request.params.id, 'protectedTags', request.body.name);
      return reply.code(201).send(tagView(request.body.name));
    },
  );

  api.delete(
    '/projects/:id/protected_tags/:name',
    {
      schema: {
        summary: 'Protect a tag no longer',
        params: ProtectedRefParams,
        response: { 204: Nothing, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      await unprotect(request, request.params.id, 'protectedTags', request.params.name);
      return reply.code(204).send(null);
    },
  );

  async function protect(request: FastifyRequest, id: string, setting: Setting, name: string): Promise<void> {
    await change(request, id, setting, (names) => {
      if (names.includes(name)) throw new Refusal(409, `'${name}' is protected already`);
      if (names.length >= MOST_NAMES) throw new Refusal(400, `No more than ${MOST_NAMES} can be protected`);
      return [...names, name];
    });
  }

  async function unprotect(
    request: FastifyRequest,
    id: string,
    setting: Setting,
    name: string,
  ): Promise<void> {
    await change(request, id, setting, (names) => {
      if (!names.includes(name)) throw new Refusal(404, '404 Not found');
      return names.filter((one) => one !== name);
    });
  }

  /** Read and written in one transaction: nobody's change is lost. */
  async function change(
    request: FastifyRequest,
    id: string,
    setting: Setting,
    changed: (names: readonly string[]) => readonly string[],
  ): Promise<void> {
    const asked = await access.project(request, id, { writes: true });
    await parts.store.write(async ({ db }) => {
      const project = await projectById(db, asked.id);
      if (project === null) throw new Refusal(404, '404 Project Not Found');
      await updateProject(db, asked.id, { settings: { [setting]: changed(project.settings[setting]) } });
    });
  }
}

type Setting = 'protectedBranches' | 'protectedTags';

/** Each name is compared with each ref that is pushed. */
const MOST_NAMES = 500;

/** There are no roles: who may push may push. */
const LEVELS = [{ access_level: 40, access_level_description: 'Maintainers' }];

function branchView(name: string) {
  return { name, push_access_levels: LEVELS, merge_access_levels: LEVELS, allow_force_push: false };
}

function tagView(name: string) {
  return { name, create_access_levels: LEVELS };
}
