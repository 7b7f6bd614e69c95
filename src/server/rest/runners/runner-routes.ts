import {
  assignRunner,
  createRunner,
  type Db,
  listManagers,
  listRunners,
  projectById,
  type Runner,
  removeRunner,
  replaceRunnerToken,
  runnerById,
  updateRunner,
  withdrawRunner,
} from '../../../store/index.ts';
import { newToken } from '../../broker/new-token.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import { hashToken } from '../../runner-api/token-hash.ts';
import { pageOf } from '../paging/page-of.ts';
import { pageRows } from '../paging/send-page.ts';
import type { RestScope } from '../rest-scope.ts';
import { timeOrNull } from '../views/times.ts';
import { changesOf, runnerDetails, runnerView, tagsOf } from './runner-view.ts';

/** Runners as who looks after them sees them; what runners themselves ask is the runner protocol. */
export function runnerRoutes({ api, parts, schemas, access }: RestScope): void {
  const { store, clock, server } = parts;
  const { RestRunner, RestRunnerDetails, RestFailure, ListRunners, RunnerParams, Nothing } = schemas;
  const lists = { 200: schemas.listOf(RestRunner), '4xx': RestFailure };

  for (const path of ['/runners', '/runners/all']) {
    api.get(
      path,
      { schema: { summary: 'List the runners of the instance', querystring: ListRunners, response: lists } },
      async (request, reply) => {
        access.administrator(request);
        const asked = pageOf(request.query);
        const rows = await store.read((db) => listRunners(db, {}, asked.page));
        return pageRows({ request, reply, url: server.url }, asked, rows).map(view);
      },
    );
  }

  api.get(
    '/projects/:id/runners',
    {
      schema: {
        summary: 'List the runners that may take jobs of a project',
        params: schemas.ProjectParams,
        querystring: ListRunners,
        response: lists,
      },
    },
    async (request, reply) => {
      const { id: projectId } = await access.project(request, request.params.id, { writes: true });
      const asked = pageOf(request.query);
      const rows = await store.read((db) => listRunners(db, { projectId }, asked.page));
      return pageRows({ request, reply, url: server.url }, asked, rows).map(view);
    },
  );

  api.post(
    '/projects/:id/runners',
    {
      schema: {
        summary: "Let a project's runner take jobs of another project, too",
        params: schemas.ProjectParams,
        body: schemas.AssignRunner,
        response: { 201: RestRunner, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      access.administrator(request, { writes: true });
      const project = await access.project(request, request.params.id, { writes: true });
      const runner = await theRunner(request.body.runner_id);
      if (runner.kind !== 'project_type' || runner.locked)
        throw new Refusal(403, '403 Forbidden - Runner is locked');
      await changing((db) => assignRunner(db, runner.id, project.id));
      return reply.code(201).send(view(runner));
    },
  );

  api.delete(
    '/projects/:id/runners/:runner_id',
    {
      schema: {
        summary: "Take a project away from a project's runner",
        params: schemas.ProjectRunnerParams,
        response: { 204: Nothing, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      access.administrator(request, { writes: true });
      const project = await access.project(request, request.params.id, { writes: true });
      const runner = await theRunner(request.params.runner_id);
      if (!runner.projects.includes(project.id)) throw new Refusal(404, '404 Not found');
      if (runner.projects.length === 1)
        throw new Refusal(403, '403 Forbidden - Only one project associated with the runner');
      await changing((db) => withdrawRunner(db, runner.id, project.id));
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/user/runners',
    {
      schema: {
        summary: 'Make a runner; the token in the answer is what it registers with',
        body: schemas.CreateRunner,
        response: { 201: schemas.RestNewRunner, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      access.administrator(request, { writes: true });
      const { body } = request;
      const isForProject = body.runner_type === 'project_type';
      if (isForProject !== (body.project_id !== undefined)) {
        throw new Refusal(
          400,
          isForProject ? 'project_id is missing' : 'project_id is for runners of projects',
        );
      }
      const token = newToken('glrt');
      const tags = tagsOf(body.tag_list);
      const runner = await store.write(async ({ db }) => {
        if (body.project_id !== undefined && (await projectById(db, body.project_id)) === null) {
          throw new Refusal(404, '404 Project Not Found');
        }
        return createRunner(db, {
          kind: body.runner_type,
          description: '',
          tags: [],
          runUntagged: tags.length === 0,
          protected: false,
          locked: false,
          paused: false,
          maximumTimeoutSeconds: null,
          ...changesOf(body),
          projects: body.project_id === undefined ? [] : [body.project_id],
          tokenHash: hashToken(token),
          now: clock.now(),
        });
      });
      return reply.code(201).send({ id: runner.id, token, token_expires_at: null });
    },
  );

  api.get(
    '/runners/:id',
    {
      schema: {
        summary: 'One runner, with the machines that use its token',
        params: RunnerParams,
        response: { 200: RestRunnerDetails, '4xx': RestFailure },
      },
    },
    async (request) => {
      access.administrator(request);
      return details(await theRunner(request.params.id));
    },
  );

  api.put(
    '/runners/:id',
    {
      schema: {
        summary: 'Change a runner',
        params: RunnerParams,
        body: schemas.UpdateRunner,
        response: { 200: RestRunnerDetails, '4xx': RestFailure },
      },
    },
    async (request) => {
      access.administrator(request, { writes: true });
      const { id } = await theRunner(request.params.id);
      const changes = changesOf(request.body);
      const changed = await changing((db) => updateRunner(db, id, changes));
      if (changed === null) throw new Refusal(404, '404 Not found');
      return details(changed);
    },
  );

  api.delete(
    '/runners/:id',
    {
      schema: {
        summary: 'Remove a runner; its token is good for nothing any more',
        params: RunnerParams,
        response: { 204: Nothing, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      access.administrator(request, { writes: true });
      const { id } = await theRunner(request.params.id);
      await changing((db) => removeRunner(db, id));
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/runners/:id/reset_authentication_token',
    {
      schema: {
        summary: 'Give a runner another token; the old one is good for nothing any more',
        params: RunnerParams,
        response: { 201: schemas.RegistrationToken, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      access.administrator(request, { writes: true });
      const { id, tokenExpiresAt } = await theRunner(request.params.id);
      const token = newToken('glrt');
      await changing((db) => replaceRunnerToken(db, id, hashToken(token)));
      return reply.code(201).send({ token, token_expires_at: timeOrNull(tokenExpiresAt) });
    },
  );

  function view(runner: Runner) {
    return runnerView(runner, clock.now());
  }

  async function details(runner: Runner) {
    return runnerDetails(runner, await store.read((db) => listManagers(db, runner.id)), clock.now());
  }

  /** Whoever remembers a runner, or has one waiting, looks again. */
  function changing<T>(change: (db: Db) => Promise<T>): Promise<T> {
    return store.write(({ db, tell }) => {
      tell('runners');
      return change(db);
    });
  }

  async function theRunner(id: number): Promise<Runner> {
    const runner = await store.read((db) => runnerById(db, id));
    if (runner === null) throw new Refusal(404, '404 Not found');
    return runner;
  }
}
