import { resolve } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { type BackupContents, checkBackup, restoreBackup, takeBackup } from '../server/index.ts';
import { EXIT } from './exit-codes.ts';
import { type Io, print } from './io.ts';
import { bytesText } from './looks/duration-text.ts';
import { type PlaceOptions, serverPlaces } from './server-options.ts';
import { VERSION } from './version.ts';

/** Backs up a server, whether it runs or not. Answers with the exit code. */
export async function runBackup(
  io: Io,
  name: string,
  options: PlaceOptions & { readonly force: boolean },
): Promise<number> {
  const file = resolve(io.folder, name);
  const { bytes } = await takeBackup({
    ...serverPlaces(options, io),
    ...{ file, replace: options.force, program: VERSION, clock: systemClock },
  });
  await print(io.stdout, `${file}: ${bytesText(bytes)}\n`);
  return EXIT.success;
}

/** Restores a backup, or only looks at it. Answers with the exit code. */
export async function runRestore(
  io: Io,
  name: string,
  options: PlaceOptions & { readonly check: boolean },
): Promise<number> {
  const file = resolve(io.folder, name);
  if (options.check) {
    await print(io.stdout, `${file} is whole: ${described(await checkBackup(file))}\n`);
    return EXIT.success;
  }
  const places = serverPlaces(options, io);
  const contents = await restoreBackup({ ...places, file, clock: systemClock });
  await print(io.stdout, `Restored to ${places.dataFolder}: ${described(contents)}\n`);
  return EXIT.success;
}

function described({ head, counts, rows, bytes }: BackupContents): string {
  const parts = [
    counted(rows.projects ?? 0, 'project'),
    counted(rows.pipelines ?? 0, 'pipeline'),
    counted(rows.jobs ?? 0, 'job'),
    counted(counts.trace, 'log'),
    counted(rows.artifacts ?? 0, 'artifact'),
    bytesText(bytes.files + bytes.rest),
  ];
  return `${parts.join(', ')}, as of ${new Date(head.takenAt).toISOString()}, by version ${head.program}.`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
