import type { RestTrigger } from '../../../protocol/index.ts';
import {
  createTrigger,
  describeTrigger,
  listTriggers,
  removeTrigger,
  type Trigger,
  triggerById,
} from '../../../store/index.ts';
import { newToken } from '../../broker/new-token.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import { hashToken } from '../../runner-api/token-hash.ts';
import type { RestScope } from '../rest-scope.ts';
import { time, timeOrNull } from '../views/times.ts';
import { administratorView } from '../views/user-view.ts';
import { wrongFields } from '../wrong-fields.ts';
import { jobTokenScopeRoutes } from './job-token-scope-routes.ts';
import { triggeredPipelineRoutes } from './triggered-pipeline-routes.ts';

/** Tokens with which pipelines of a project can be started from outside, and the starting itself. */
export function triggerRoutes(scope: RestScope): void {
  const { api, parts, schemas, access } = scope;
  const { RestTrigger: Shown, RestFailure, ProjectParams, TriggerParams } = schemas;
  const { store, clock } = parts;
  const path = '/projects/:id/triggers';

  const view = (trigger: Trigger, token = trigger.tokenStart): RestTrigger => ({
    id: trigger.id,
    description: trigger.description,
    token,
    expires_at: timeOrNull(trigger.expiresAt),
    last_used: timeOrNull(trigger.lastUsedAt),
    created_at: time(trigger.createdAt),
    updated_at: time(trigger.updatedAt),
    owner: administratorView(parts),
  });

  api.get(
    path,
    {
      schema: {
        summary: 'List trigger tokens',
        params: ProjectParams,
        response: { 200: schemas.listOf(Shown), '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const triggers = await store.read((db) => listTriggers(db, project.id));
      return triggers.map((trigger) => view(trigger));
    },
  );

  api.post(
    path,
    {
      schema: {
        summary: 'Make a trigger token',
        params: ProjectParams,
        body: schemas.CreateTrigger,
        response: { 201: Shown, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const { description, expires_at: expires } = request.body;
      const expiresAt = expires === undefined ? null : Date.parse(expires);
      const now = clock.now();
      if (expiresAt !== null && expiresAt <= now) throw wrongFields({ expires_at: ['is over already'] });
      const token = newToken('glptt');
      const trigger = await store.write(({ db }) =>
        createTrigger(db, {
          ...{ projectId: project.id, description, expiresAt, now },
          tokenHash: hashToken(token),
          tokenStart: token.slice(0, SHOWN_LENGTH),
        }),
      );
      return reply.code(201).send(view(trigger, token));
    },
  );

  api.get(
    `${path}/:trigger_id`,
    {
      schema: {
        summary: 'One trigger token',
        params: TriggerParams,
        response: { 200: Shown, '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id, { writes: true });
      return view(found(await store.read((db) => triggerById(db, project.id, request.params.trigger_id))));
    },
  );

  api.put(
    `${path}/:trigger_id`,
    {
      schema: {
        summary: 'Describe a trigger token in other words',
        params: TriggerParams,
        body: schemas.UpdateTrigger,
        response: { 200: Shown, '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const place = { projectId: project.id, id: request.params.trigger_id };
      const before = found(await store.read((db) => triggerById(db, place.projectId, place.id)));
      const { description = before.description } = request.body;
      return view(found(await store.write(({ db }) => describeTrigger(db, place, description, clock.now()))));
    },
  );

  api.delete(
    `${path}/:trigger_id`,
    {
      schema: {
        summary: 'Remove a trigger token',
        params: TriggerParams,
        response: { 204: schemas.Nothing, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const { trigger_id: id } = request.params;
      if (!(await store.write(({ db }) => removeTrigger(db, project.id, id)))) throw notFound();
      return reply.code(204).send(null);
    },
  );

  triggeredPipelineRoutes(scope);
  jobTokenScopeRoutes(scope);
}

/** The prefix, and four characters by which people know it again. */
const SHOWN_LENGTH = 'glptt-'.length + 4;

function found(trigger: Trigger | null): Trigger {
  if (trigger === null) throw notFound();
  return trigger;
}

function notFound(): Refusal {
  return new Refusal(404, '404 Trigger Not Found');
}
