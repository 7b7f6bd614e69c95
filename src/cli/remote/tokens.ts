import type { CreateTokenOptions, TokenOptions } from '../commands/token.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, print } from '../io.ts';
import { numberOf } from './number-of.ts';
import { openRemote } from './open-remote.ts';
import { showJson, showTable } from './show-table.ts';

/** What `slipway token create` does: the token alone on standard output, for a file or another program. */
export async function createToken(io: Io, name: string, options: CreateTokenOptions): Promise<number> {
  const { client, schemas } = await openRemote(io, options);
  const token = await client.send('POST', placesOf(options).create, schemas.RestNewToken, {
    name,
    scopes: options.scope.length === 0 ? ['api'] : options.scope,
    ...(options.expires === undefined ? {} : { expires_at: options.expires }),
  });
  if (options.json === true) await showJson(io, token);
  else await print(io.stdout, `${token.token}\n`);
  return EXIT.success;
}

/** What `slipway token list` does. */
export async function listTokens(io: Io, options: TokenOptions): Promise<number> {
  const { client, schemas } = await openRemote(io, options);
  const found = [];
  for (let page = 1; ; page += 1) {
    const query = { page, per_page: 100 };
    const some = await client.get(placesOf(options).list, schemas.listOf(schemas.RestToken), query);
    found.push(...some);
    if (some.length < 100) break;
  }
  if (options.json === true) await showJson(io, found);
  else {
    const rows = found.map((one) => [
      String(one.id),
      one.name,
      one.scopes.join(', '),
      one.revoked ? 'revoked' : one.active ? 'active' : 'expired',
      one.expires_at ?? 'never',
      one.last_used_at?.slice(0, 10) ?? '',
    ]);
    await showTable(
      io,
      ['ID', 'NAME', 'SCOPES', 'STATE', 'EXPIRES', 'LAST USED'],
      rows,
      'There are no tokens.',
    );
  }
  return EXIT.success;
}

/** What `slipway token revoke` does. */
export async function revokeToken(io: Io, id: string, options: TokenOptions): Promise<number> {
  const number = numberOf(id);
  const { client, schemas } = await openRemote(io, options);
  await client.send('DELETE', `${placesOf(options).list}/${number}`, schemas.Nothing);
  if (options.json === true) await showJson(io, { revoked: number });
  else await print(io.stdout, `Token ${number} is revoked.\n`);
  return EXIT.success;
}

function placesOf({ project }: TokenOptions): { readonly list: string; readonly create: string } {
  if (project === undefined)
    return { list: '/personal_access_tokens', create: '/user/personal_access_tokens' };
  const list = `/projects/${encodeURIComponent(project)}/access_tokens`;
  return { list, create: list };
}
