import { Command } from 'commander';
import type { Io } from '../io.ts';
import { addServerOptions, type ServerCommandOptions } from '../server-options.ts';

/** `slipway up`: a whole CI system on this machine. */
export function upCommand(io: Io, ended: (exitCode: number) => void): Command {
  return addServerOptions(new Command('up'))
    .description('start a whole CI system on this machine: the server, and a runner for its jobs')
    .option('--concurrency <N>', 'jobs that run at once (default: as many as processors, at least 2)')
    .option('--executor <NAME>', 'auto, shell or docker; auto takes containers for jobs that name an image')
    .option('--engine-socket', "give containers the Docker engine's socket, and with it this machine")
    .addHelpText(
      'after',
      `
Nothing has to be set up. The first start makes the data folder and a token for you, and says where both are. Ctrl-C stops
all of it; started again, all is still there.

Examples:
  slipway up
  slipway up --port 9000 --data /srv/slipway`,
    )
    .action(async (options: ServerCommandOptions) => {
      const { runServer } = await import('../run-server.ts');
      ended(await runServer(io, options, { withRunner: true }));
    });
}
