import { Command } from 'commander';
import type { Io } from '../io.ts';
import { collect } from '../pipeline-options.ts';
import { addRemoteOptions, type RemoteOptions } from '../remote/remote-options.ts';

export interface TokenOptions extends RemoteOptions {
  readonly project?: string;
}

export interface CreateTokenOptions extends TokenOptions {
  readonly scope: readonly string[];
  readonly expires?: string;
}

/** `slipway token`: what lets people and programs in. */
export function tokenCommand(io: Io, ended: (exitCode: number) => void): Command {
  const token = new Command('token')
    .description('create, list and revoke the tokens of a server')
    .addHelpText(
      'after',
      `
A token is shown once, when it is made; the server keeps only what it needs to know it again. With --project it is good for
that project alone. Scopes: api, read_api, read_repository, write_repository.

Examples:
  slipway token create laptop > ~/.slipway-token && chmod 600 ~/.slipway-token
  slipway token create bot --project team/app --scope read_api --expires 2030-01-01
  slipway token list --project team/app
  slipway token revoke 7 --project team/app`,
    );
  const add = (command: Command) =>
    token.addCommand(
      addRemoteOptions(
        command.option('-p, --project <PATH>', "of this project; absent: the administrator's"),
      ),
    );
  add(
    new Command('create')
      .description('create a token, and print it')
      .argument('<NAME>', 'what it is for')
      .option(
        '--scope <SCOPE>',
        'what it is good for; more than one may be given (default: api)',
        collect,
        [],
      )
      .option('--expires <DATE>', 'the day on which it is good no more: 2030-01-01')
      .action(async (name: string, options: CreateTokenOptions) => {
        const { createToken } = await import('../remote/tokens.ts');
        ended(await createToken(io, name, options));
      }),
  );
  add(
    new Command('list').description('list the tokens there are').action(async (options: TokenOptions) => {
      const { listTokens } = await import('../remote/tokens.ts');
      ended(await listTokens(io, options));
    }),
  );
  add(
    new Command('revoke')
      .description('revoke a token: it lets nobody in any more')
      .argument('<ID>')
      .action(async (id: string, options: TokenOptions) => {
        const { revokeToken } = await import('../remote/tokens.ts');
        ended(await revokeToken(io, id, options));
      }),
  );
  return token;
}
