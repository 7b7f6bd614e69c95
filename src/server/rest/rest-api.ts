import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { restSchemas } from '../../protocol/index.ts';
import { Refusal } from '../runner-api/refusal.ts';
import type { ServerParts } from '../server-parts.ts';
import { artifactRoutes } from './artifacts/artifact-routes.ts';
import { createAccess } from './auth/access.ts';
import { acceptForms } from './bodies/accept-forms.ts';
import { jobRoutes } from './jobs/job-routes.ts';
import { deployKeyRoutes } from './keys/deploy-key-routes.ts';
import { personKeyRoutes } from './keys/person-key-routes.ts';
import { mergeRequestRoutes } from './merge-requests/merge-request-routes.ts';
import { type DescribedRoute, openApiDocument } from './openapi/openapi-document.ts';
import { pipelineRoutes } from './pipelines/pipeline-routes.ts';
import { projectRoutes } from './projects/project-routes.ts';
import { protectedRefRoutes } from './projects/protected-ref-routes.ts';
import { resourceGroupRoutes } from './resource-groups/resource-group-routes.ts';
import type { RestScope } from './rest-scope.ts';
import { runnerRoutes } from './runners/runner-routes.ts';
import { scheduleRoutes } from './schedules/schedule-routes.ts';
import { API_VERSION, serverRoutes } from './server-routes.ts';
import { testHistoryRoutes } from './tests/test-history-routes.ts';
import { testReportRoutes } from './tests/test-report-routes.ts';
import { testSplitRoute } from './tests/test-split-route.ts';
import { tokenRoutes } from './tokens/token-routes.ts';
import { triggerRoutes } from './triggers/trigger-routes.ts';
import { refuseUnknown } from './unknown-keys.ts';
import { variableRoutes } from './variables/variable-routes.ts';
import { WrongFields } from './wrong-fields.ts';

/** Every resource's routes: a file each. */
const ROUTES: readonly ((scope: RestScope) => void)[] = [
  serverRoutes,
  projectRoutes,
  pipelineRoutes,
  jobRoutes,
  artifactRoutes,
  variableRoutes,
  protectedRefRoutes,
  runnerRoutes,
  tokenRoutes,
  personKeyRoutes,
  deployKeyRoutes,
  scheduleRoutes,
  triggerRoutes,
  mergeRequestRoutes,
  resourceGroupRoutes,
  testReportRoutes,
  testHistoryRoutes,
  testSplitRoute,
];

/**
 * GitLab's REST API, version 4: a Fastify plugin for the prefix `/api/v4`. Errors are JSON with a `message`. What a
 * request asks for and nobody knows is refused, not passed over.
 */
export async function restApi(
  server: FastifyInstance,
  { parts }: { readonly parts: ServerParts },
): Promise<void> {
  const schemas = await restSchemas();
  const access = createAccess(parts);
  server.addHook('onRequest', async (request, reply) => {
    request.raw.socket.setTimeout(IDLE_MS);
    // A log or a file of a job is never a page of ours, whatever is in it.
    reply.header('X-Content-Type-Options', 'nosniff');
    await access.identify(request);
  });
  await acceptForms(server);
  server.addHook('preValidation', async (request) => refuseUnknown(request));
  server.setErrorHandler((error: FastifyError | Refusal, request, reply) => {
    const status = error.statusCode ?? 500;
    // What went wrong inside is for the server's log, not for whoever asks.
    if (status >= 500) {
      request.log.error({ err: error }, 'A request could not be answered');
      return reply.code(status).type(JSON_TYPE).send({ message: '500 Internal Server Error' });
    }
    const headers = error instanceof Refusal ? error.headers : {};
    return reply
      .code(status)
      .headers(headers)
      .type(JSON_TYPE)
      .send({ message: error instanceof WrongFields ? error.fields : messageOf(error) });
  });
  server.setNotFoundHandler((_request: FastifyRequest, reply) =>
    reply.code(404).type(JSON_TYPE).send({ message: '404 Not Found' }),
  );
  const described: DescribedRoute[] = [];
  server.addHook('onRoute', (route) => void described.push(route));
  const api = server.withTypeProvider<TypeBoxTypeProvider>();
  for (const routes of ROUTES) routes({ api, parts, schemas, access });
  const document = openApiDocument(described, schemas, API_VERSION);
  api.get('/openapi.json', () => document);
}

const IDLE_MS = 60_000;
const JSON_TYPE = 'application/json; charset=utf-8';

/** `body/ref must be string` becomes what a person who has read the documentation of GitLab expects: `ref must be string`. */
function messageOf(error: FastifyError | Refusal): string {
  return error.message.replace(/^(?:body|querystring|params)(?:\/| must )/, (start) =>
    start.endsWith(' must ') ? 'The request must ' : '',
  );
}
