import type { RestSshKey } from '../../../protocol/index.ts';
import { createSshKey, listPersonKeys, removeSshKey, type StoredSshKey } from '../../../store/index.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import { slicePage } from '../paging/slice-page.ts';
import type { RestScope } from '../rest-scope.ts';
import { keyFields, readNewKey, TAKEN } from './new-key.ts';

/** The administrator's own public keys, for git over SSH. */
export function personKeyRoutes({ api, parts, schemas, access }: RestScope): void {
  const { store, clock, server } = parts;
  const { RestSshKey, RestFailure, Nothing } = schemas;

  api.get(
    '/user/keys',
    {
      schema: {
        summary: "List the administrator's SSH keys",
        querystring: schemas.ListKeys,
        response: { 200: schemas.listOf(RestSshKey), '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      access.administrator(request);
      const keys = await store.read((db) => listPersonKeys(db));
      return slicePage({ request, reply, url: server.url }, request.query, keys.map(keyView));
    },
  );

  api.post(
    '/user/keys',
    {
      schema: {
        summary: 'Add an SSH key of the administrator',
        body: schemas.CreateSshKey,
        response: { 201: RestSshKey, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      access.administrator(request, { writes: true });
      const read = readNewKey(request.body, 'person', clock.now());
      if (read.kind === 'invalid') return reply.code(400).send({ message: read.message });
      const made = await store.write(({ db }) => createSshKey(db, read.key));
      if (made === null) return reply.code(400).send({ message: TAKEN });
      return reply.code(201).send(keyView(made));
    },
  );

  api.delete(
    '/user/keys/:key_id',
    {
      schema: {
        summary: 'Remove an SSH key of the administrator',
        params: schemas.KeyParams,
        response: { 204: Nothing, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      access.administrator(request, { writes: true });
      const { key_id: id } = request.params;
      await store.write(async ({ db }) => {
        const isOwn = (await listPersonKeys(db)).some((key) => key.id === id);
        if (!isOwn || !(await removeSshKey(db, id))) throw new Refusal(404, '404 Key Not Found');
      });
      return reply.code(204).send(null);
    },
  );
}

function keyView(key: StoredSshKey): RestSshKey {
  return { ...keyFields(key), usage_type: 'auth' };
}
