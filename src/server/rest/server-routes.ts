import { Refusal } from '../runner-api/refusal.ts';
import type { RestScope } from './rest-scope.ts';
import { callerView } from './views/user-view.ts';

/** What the server says of itself, and of who asks. */
export function serverRoutes({ api, parts, schemas, access }: RestScope): void {
  const { RestUser, RestVersion, RestFailure } = schemas;

  api.get(
    '/version',
    { schema: { summary: 'The version of the server', response: { 200: RestVersion, '4xx': RestFailure } } },
    async (request) => {
      access.somebody(request);
      return { version: API_VERSION, revision: 'slipway' };
    },
  );

  api.get(
    '/user',
    { schema: { summary: 'Who asks', response: { 200: RestUser, '4xx': RestFailure } } },
    async (request) => {
      const who = access.somebody(request);
      if (who.kind === 'nobody' || who.kind === 'job') throw new Refusal(403, '403 Forbidden');
      return callerView(parts, who);
    },
  );
}

/** The version of GitLab whose API and protocol this is; runners and clients look at it. */
export const API_VERSION = '18.5.0';
