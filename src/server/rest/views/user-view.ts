import type { RestUser } from '../../../protocol/index.ts';
import type { ServerParts } from '../../server-parts.ts';
import type { Caller } from '../auth/caller.ts';

export function administratorView({
  administrator,
  server,
}: Pick<ServerParts, 'administrator' | 'server'>): RestUser {
  return userView(administrator.id, administrator.login, administrator.name, server.url);
}

/** Who asks; a project's token is a user of its own, as in GitLab. */
export function callerView(
  parts: Pick<ServerParts, 'administrator' | 'server'>,
  caller: Exclude<Caller, { readonly kind: 'nobody' | 'job' }>,
): RestUser {
  if (caller.kind === 'administrator') return administratorView(parts);
  const { token, projectId } = caller;
  return userView(token.id, `project_${projectId}_bot_${token.id}`, token.name, parts.server.url);
}

function userView(id: number, username: string, name: string, url: string): RestUser {
  return { id, username, name, state: 'active', avatar_url: null, web_url: `${url}/${username}` };
}
