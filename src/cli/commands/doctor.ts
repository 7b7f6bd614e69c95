import { Command } from 'commander';
import type { Io } from '../io.ts';
import { addPlaceOptions, type PlaceOptions } from '../server-options.ts';

/** `slipway doctor`: what is wrong with a server, and how to mend it. */
export function doctorCommand(io: Io, ended: (exitCode: number) => void): Command {
  return addPlaceOptions(new Command('doctor'))
    .description('look at a server, its machine and all that it keeps, and say how to mend what is wrong')
    .option('--url <URL>', 'the address of the running server, to ask it too')
    .option('--json', 'print the findings as JSON, one a line', false)
    .addHelpText(
      'after',
      `
Called on the server's machine, as the server's user, with the places that the server was started with; it may be running or
not. Nothing is changed. The exit code is 1 when there is a problem; warnings alone leave it 0.

Examples:
  slipway doctor
  slipway doctor --data /srv/slipway --url https://ci.example.org
  slipway doctor --json | jq 'select(.level != "ok")'`,
    )
    .action(
      async (options: PlaceOptions & { readonly url?: string; readonly json: boolean }, command: Command) => {
        const { color } = command.optsWithGlobals<{ color: boolean }>();
        const { runDoctorCommand } = await import('../run-doctor.ts');
        ended(await runDoctorCommand(io, { ...options, color }));
      },
    );
}
