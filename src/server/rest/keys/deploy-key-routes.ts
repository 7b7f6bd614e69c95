import type { RestDeployKey } from '../../../protocol/index.ts';
import {
  type Db,
  type DeployKey,
  enableDeployKey,
  letDeployKeyIn,
  listDeployKeys,
  takeDeployKeyOut,
} from '../../../store/index.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import { slicePage } from '../paging/slice-page.ts';
import type { RestScope } from '../rest-scope.ts';
import { keyFields, readNewKey, TAKEN } from './new-key.ts';

/** Keys of machines, and the projects that each was let into. */
export function deployKeyRoutes({ api, parts, schemas, access }: RestScope): void {
  const { store, clock, server } = parts;
  const { RestDeployKey, RestFailure, Nothing, ProjectKeyParams } = schemas;

  api.get(
    '/projects/:id/deploy_keys',
    {
      schema: {
        summary: 'List the deploy keys of a project',
        params: schemas.ProjectParams,
        querystring: schemas.ListKeys,
        response: { 200: schemas.listOf(RestDeployKey), '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const { id } = await access.project(request, request.params.id, { writes: true });
      const keys = await store.read((db) => listDeployKeys(db, id));
      return slicePage({ request, reply, url: server.url }, request.query, keys.map(keyView));
    },
  );

  api.get(
    '/projects/:id/deploy_keys/:key_id',
    {
      schema: {
        summary: 'Get a deploy key of a project',
        params: ProjectKeyParams,
        response: { 200: RestDeployKey, '4xx': RestFailure },
      },
    },
    async (request) => {
      const { id } = await access.project(request, request.params.id, { writes: true });
      return keyView(await store.read((db) => keyIn(db, id, request.params.key_id)));
    },
  );

  api.post(
    '/projects/:id/deploy_keys',
    {
      schema: {
        summary: 'Add a deploy key to a project; one that another project has is let into this one, too',
        params: schemas.ProjectParams,
        body: schemas.CreateDeployKey,
        response: { 201: RestDeployKey, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      // A key that a project's token has made would outlive the token.
      access.administrator(request, { writes: true });
      const { id: projectId } = await access.project(request, request.params.id, { writes: true });
      const read = readNewKey(request.body, 'deploy', clock.now());
      if (read.kind === 'invalid') return reply.code(400).send({ message: read.message });
      const canPush = request.body.can_push ?? false;
      const made = await store.write(({ db }) => enableDeployKey(db, read.key, { projectId, canPush }));
      if (made === null) return reply.code(400).send({ message: TAKEN });
      return reply.code(201).send(keyView(made));
    },
  );

  api.put(
    '/projects/:id/deploy_keys/:key_id',
    {
      schema: {
        summary: 'Change what a deploy key may do in a project',
        params: ProjectKeyParams,
        body: schemas.UpdateDeployKey,
        response: { 200: RestDeployKey, '4xx': RestFailure },
      },
    },
    async (request) => {
      access.administrator(request, { writes: true });
      const { id: projectId } = await access.project(request, request.params.id, { writes: true });
      const { key_id: keyId } = request.params;
      return keyView(
        await store.write(async ({ db }) => {
          await keyIn(db, projectId, keyId);
          await letDeployKeyIn(db, { keyId, projectId, canPush: request.body.can_push });
          return keyIn(db, projectId, keyId);
        }),
      );
    },
  );

  api.delete(
    '/projects/:id/deploy_keys/:key_id',
    {
      schema: {
        summary: 'Take a deploy key out of a project; one that is in no other is removed',
        params: ProjectKeyParams,
        response: { 204: Nothing, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      access.administrator(request, { writes: true });
      const { id: projectId } = await access.project(request, request.params.id, { writes: true });
      await store.write(async ({ db }) => {
        await keyIn(db, projectId, request.params.key_id);
        await takeDeployKeyOut(db, { projectId, keyId: request.params.key_id });
      });
      return reply.code(204).send(null);
    },
  );
}

async function keyIn(db: Db, projectId: number, keyId: number): Promise<DeployKey> {
  const found = (await listDeployKeys(db, projectId)).find(({ id }) => id === keyId);
  if (found === undefined) throw new Refusal(404, '404 Deploy Key Not Found');
  return found;
}

function keyView(key: DeployKey): RestDeployKey {
  return { ...keyFields(key), can_push: key.canPush };
}
