import type { wireSchemas } from '../../protocol/index.ts';
import { runnerHash } from './authenticate.ts';
import type { JobBroker } from './ports.ts';
import { Refusal } from './refusal.ts';
import type { RunnerApi } from './runner-api.ts';
import { hashToken } from './token-hash.ts';

/** The life of a runner: registration in both forms, verification, a new token, and the end. */
export function runnerRoutes(
  api: RunnerApi,
  broker: JobBroker,
  { RegisterRequest, RunnerRequest, PlacesRequest, PlacesAnswer }: Awaited<ReturnType<typeof wireSchemas>>,
): void {
  api.post('/runners', { schema: { body: RegisterRequest } }, async ({ body }, reply) => {
    const answer = await broker.register(hashToken(body.token ?? ''), body);
    if (answer.kind === 'disabled') throw new Refusal(410, '410 Gone');
    if (answer.kind === 'wrong-token') throw new Refusal(403, '403 Forbidden');
    const { id, token, tokenExpiresAt } = answer;
    return reply.code(201).send({ id, token, token_expires_at: tokenExpiresAt });
  });

  api.post('/runners/verify', { schema: { body: RunnerRequest } }, async (request, reply) => {
    const { token, system_id: systemId = '', info = {} } = request.body;
    const runner = await broker.verify(runnerHash(request, token), { systemId, info });
    if (runner === null) throw new Refusal(403, '403 Forbidden');
    const shown = token ?? request.headers['runner-token'];
    return reply.code(200).send({ id: runner.id, token: shown, token_expires_at: runner.tokenExpiresAt });
  });

  api.post(
    '/runners/places',
    { schema: { body: PlacesRequest, response: { 200: PlacesAnswer } } },
    async (request) => {
      const { token, system_id: systemId = '', info = {}, left = [], leaving = false } = request.body;
      const machine = { systemId, info };
      const found = await broker.places(runnerHash(request, token), machine, { left, leaving });
      if (found === null) throw new Refusal(403, '403 Forbidden');
      return { held: [...found.held], ask_again_after: found.askAgainMs / 1000 };
    },
  );

  api.delete('/runners', { schema: { body: RunnerRequest } }, async (request, reply) => {
    if (!(await broker.unregister(runnerHash(request, request.body.token)))) {
      throw new Refusal(403, '403 Forbidden');
    }
    return reply.code(204).send();
  });

  api.delete('/runners/managers', { schema: { body: RunnerRequest } }, async (request, reply) => {
    const { token, system_id: systemId } = request.body;
    if (systemId === undefined || systemId === '') throw new Refusal(400, 'system_id is missing');
    const answer = await broker.unregisterMachine(runnerHash(request, token), systemId);
    if (answer === 'no-runner') throw new Refusal(403, '403 Forbidden');
    if (answer === 'no-machine') throw new Refusal(404, '404 Not found');
    return reply.code(204).send();
  });

  const reset = '/runners/reset_authentication_token';
  api.post(reset, { schema: { body: RunnerRequest } }, async (request, reply) => {
    const made = await broker.resetToken(runnerHash(request, request.body.token));
    if (made === null) throw new Refusal(403, '403 Forbidden');
    return reply.code(201).send({ token: made.token, token_expires_at: made.tokenExpiresAt });
  });

  // No router of jobs: runners go on asking for jobs here.
  api.get('/runners/router/discovery', () => {
    throw new Refusal(501, '501 Not Implemented');
  });
}
