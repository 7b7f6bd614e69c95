import type { Command } from 'commander';

/** What every command takes that asks a server. */
export interface RemoteOptions {
  readonly server?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
}

/** And those that are about one project. */
export interface RemoteProjectOptions extends RemoteOptions {
  readonly project?: string;
}

export function addRemoteOptions(command: Command): Command {
  return command
    .option('--server <URL>', 'the server (SLIPWAY_SERVER; default: the one on this machine)')
    .option('--token-file <FILE>', 'a file with the token for it (SLIPWAY_TOKEN has the token itself)')
    .option('--json', 'JSON for programs');
}

export function addRemoteProjectOptions(command: Command): Command {
  return addRemoteOptions(
    command.option(
      '-p, --project <PATH>',
      'group/name (SLIPWAY_PROJECT; default: the one that a remote of this repository leads to)',
    ),
  );
}
