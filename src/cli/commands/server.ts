import { Command } from 'commander';
import type { Io } from '../io.ts';
import { addServerOptions, type ServerCommandOptions } from '../server-options.ts';

/** `slipway server`: the server alone. */
export function serverCommand(io: Io, ended: (exitCode: number) => void): Command {
  return addServerOptions(new Command('server'))
    .description('run the server alone: Git hosting, pipelines, and the API that runners ask for jobs')
    .addHelpText(
      'after',
      `
Runners take the jobs: \`slipway runner\`, or the official gitlab-runner. \`slipway up\` starts one beside the server.

Examples:
  slipway server --host 0.0.0.0 --url https://ci.example.org
  slipway server --database postgres://slipway@db/slipway --storage s3://slipway-files`,
    )
    .action(async (options: ServerCommandOptions) => {
      const { runServer } = await import('../run-server.ts');
      ended(await runServer(io, options, { withRunner: false }));
    });
}
