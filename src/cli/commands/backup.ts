import { Command } from 'commander';
import type { Io } from '../io.ts';
import { addPlaceOptions, type PlaceOptions } from '../server-options.ts';

/** `slipway backup FILE`: all that a server keeps, in one file. */
export function backupCommand(io: Io, ended: (exitCode: number) => void): Command {
  return addPlaceOptions(new Command('backup'))
    .description('write all that a server keeps to one file, while it runs')
    .argument('<FILE>', 'the file to write')
    .option('--force', 'write over a file that is there', false)
    .addHelpText(
      'after',
      `
Called on the server's machine, with the places that the server was started with. The file has what the server keeps as it was
at one moment: projects, pipelines, logs, artifacts, repositories, variables, tokens and host keys. Commits that no ref and no
pipeline leads to any more are left out. Whoever has it has the server: only you can read it, and you should keep it so.

Examples:
  slipway backup /backups/slipway-$(date +%F)
  slipway backup --data /srv/slipway --database postgres://slipway@db/slipway --storage s3://slipway-files FILE`,
    )
    .action(async (file: string, options: PlaceOptions & { readonly force: boolean }) => {
      const { runBackup } = await import('../run-backup.ts');
      ended(await runBackup(io, file, options));
    });
}
