import { systemClock } from '../base/clock.ts';
import { printable } from '../base/printable.ts';
import { type Finding, runDoctor } from '../server/index.ts';
import { type Colours, chooseColours } from './colours.ts';
import { EXIT } from './exit-codes.ts';
import { type Io, print } from './io.ts';
import { type PlaceOptions, serverPlaces } from './server-options.ts';

/** Prints what is found, as it is found. Answers with the exit code. */
export async function runDoctorCommand(
  io: Io,
  options: PlaceOptions & { readonly url?: string; readonly json: boolean; readonly color: boolean },
): Promise<number> {
  const colours = chooseColours(io, io.stdout, options.color);
  const counts = { ok: 0, warning: 0, problem: 0 };
  const asked = options.url === undefined ? {} : { url: options.url };
  for await (const finding of runDoctor({ ...serverPlaces(options, io), ...asked, clock: systemClock })) {
    counts[finding.level] += 1;
    await print(io.stdout, options.json ? `${JSON.stringify(finding)}\n` : lineOf(finding, colours));
  }
  if (!options.json)
    await print(
      io.stdout,
      `\n${counts.problem} problems, ${counts.warning} warnings, ${counts.ok} checks passed\n`,
    );
  return counts.problem === 0 ? EXIT.success : EXIT.failed;
}

function lineOf({ level, area, found, mend }: Finding, colours: Colours): string {
  const sign = { ok: colours.green('✓'), warning: colours.yellow('!'), problem: colours.red('✗') }[level];
  const line = `${sign} ${area.padEnd(13)}${printable(found)}\n`;
  return mend === null ? line : `${line}${' '.repeat(15)}${colours.dim(printable(mend))}\n`;
}
