import { Command } from 'commander';
import type { Io } from '../io.ts';
import { addPlaceOptions, type PlaceOptions } from '../server-options.ts';

/** `slipway restore FILE`: what a backup has, in new places. */
export function restoreCommand(io: Io, ended: (exitCode: number) => void): Command {
  return addPlaceOptions(new Command('restore'))
    .description('make an empty data folder, database and storage what they were in a backup')
    .argument('<FILE>', 'a file that slipway backup has written')
    .option('--check', 'only read the backup to its end, and say what is in it', false)
    .addHelpText(
      'after',
      `
The file is read to its end before anything is made of it. The places have to be empty, and may be of another kind than those
the backup came from: that is how a server moves from SQLite to PostgreSQL, or from a folder to S3. Then start the server with
the same options. Runners go on with their tokens.

Examples:
  slipway restore --check /backups/slipway-2026-03-01
  slipway restore --data /srv/slipway /backups/slipway-2026-03-01
  slipway restore --database postgres://slipway@db/slipway --storage s3://slipway-files FILE`,
    )
    .action(async (file: string, options: PlaceOptions & { readonly check: boolean }) => {
      const { runRestore } = await import('../run-backup.ts');
      ended(await runRestore(io, file, options));
    });
}
