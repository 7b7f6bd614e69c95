import type { CreateToken, ListTokens, RestToken } from '../../../protocol/index.ts';
import { createToken, listTokens, revokeToken, type StoredToken } from '../../../store/index.ts';
import { newToken } from '../../broker/new-token.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import { hashToken } from '../../runner-api/token-hash.ts';
import { slicePage } from '../paging/slice-page.ts';
import type { RestScope } from '../rest-scope.ts';
import { time, timeOrNull } from '../views/times.ts';

/** The administrator's tokens, and those of projects. A token is shown once, when it is made. */
export function tokenRoutes({ api, parts, schemas, access }: RestScope): void {
  const { store, clock, server } = parts;
  const { RestToken, RestNewToken, RestFailure, Nothing } = schemas;

  api.get(
    '/personal_access_tokens',
    {
      schema: {
        summary: "List the administrator's tokens",
        querystring: schemas.ListTokens,
        response: { 200: schemas.listOf(RestToken), '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      access.administrator(request, { writes: true });
      return slicePage(
        { request, reply, url: server.url },
        request.query,
        await tokensOf(null, request.query),
      );
    },
  );

  api.post(
    '/user/personal_access_tokens',
    {
      schema: {
        summary: 'Make a token of the administrator',
        body: schemas.CreateToken,
        response: { 201: RestNewToken, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      access.administrator(request, { writes: true });
      return reply.code(201).send(await make(null, request.body));
    },
  );

  api.delete(
    '/personal_access_tokens/:token_id',
    {
      schema: {
        summary: "Revoke one of the administrator's tokens",
        params: schemas.TokenParams,
        response: { 204: Nothing, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      access.administrator(request, { writes: true });
      await revoke(null, request.params.token_id);
      return reply.code(204).send(null);
    },
  );

  api.get(
    '/projects/:id/access_tokens',
    {
      schema: {
        summary: 'List the tokens of a project',
        params: schemas.ProjectParams,
        querystring: schemas.ListTokens,
        response: { 200: schemas.listOf(RestToken), '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const { id } = await access.project(request, request.params.id, { writes: true });
      return slicePage({ request, reply, url: server.url }, request.query, await tokensOf(id, request.query));
    },
  );

  api.post(
    '/projects/:id/access_tokens',
    {
      schema: {
        summary: 'Make a token that is good for one project',
        params: schemas.ProjectParams,
        body: schemas.CreateToken,
        response: { 201: RestNewToken, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      // A token that could make tokens would outlive being revoked.
      access.administrator(request, { writes: true });
      const { id } = await access.project(request, request.params.id, { writes: true });
      return reply.code(201).send(await make(id, request.body));
    },
  );

  api.delete(
    '/projects/:id/access_tokens/:token_id',
    {
      schema: {
        summary: 'Revoke a token of a project',
        params: schemas.ProjectTokenParams,
        response: { 204: Nothing, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      access.administrator(request, { writes: true });
      const { id } = await access.project(request, request.params.id, { writes: true });
      await revoke(id, request.params.token_id);
      return reply.code(204).send(null);
    },
  );

  async function tokensOf(projectId: number | null, { state }: ListTokens): Promise<readonly RestToken[]> {
    const tokens = await store.read((db) => listTokens(db, projectId));
    return tokens
      .filter(({ kind }) => kind !== 'registration')
      .map((token) => tokenView(token, clock.now()))
      .filter(({ active }) => state === undefined || active === (state === 'active'));
  }

  async function make(projectId: number | null, { name, scopes, expires_at: day }: CreateToken) {
    // Good until the day begins, as in GitLab.
    const expiresAt = day === undefined ? null : Date.parse(day);
    if (expiresAt !== null && expiresAt <= clock.now())
      throw new Refusal(400, 'expires_at must be in the future');
    const token = newToken('glpat');
    const kind = projectId === null ? 'personal' : 'project';
    const stored = await store.write(({ db }) =>
      createToken(db, {
        kind,
        name,
        projectId,
        scopes,
        expiresAt,
        tokenHash: hashToken(token),
        now: clock.now(),
      }),
    );
    return { ...tokenView(stored, clock.now()), token };
  }

  async function revoke(projectId: number | null, id: number): Promise<void> {
    await store.write(async ({ db }) => {
      const token = (await listTokens(db, projectId)).find((one) => one.id === id);
      if (token === undefined || token.kind === 'registration') throw new Refusal(404, '404 Not found');
      await revokeToken(db, id, clock.now());
    });
  }

  function tokenView(token: StoredToken, now: number): RestToken {
    const isOver = token.expiresAt !== null && token.expiresAt <= now;
    return {
      id: token.id,
      name: token.name,
      revoked: token.revokedAt !== null,
      active: token.revokedAt === null && !isOver,
      created_at: time(token.createdAt),
      scopes: [...token.scopes],
      user_id: token.kind === 'personal' ? parts.administrator.id : null,
      last_used_at: timeOrNull(token.lastUsedAt),
      expires_at: token.expiresAt === null ? null : time(token.expiresAt).slice(0, 10),
    };
  }
}
