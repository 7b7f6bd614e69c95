import { Command } from 'commander';
import type { Io } from '../io.ts';
import { collect } from '../pipeline-options.ts';
import { addRemoteProjectOptions, type RemoteProjectOptions } from '../remote/remote-options.ts';

export interface CreateScheduleOptions extends RemoteProjectOptions {
  readonly cron: string;
  readonly ref?: string;
  readonly timezone?: string;
  readonly var: readonly string[];
  readonly varFile: readonly string[];
  readonly input: readonly string[];
  readonly paused?: boolean;
}

/** `slipway schedule`: pipelines that start by the clock. */
export function scheduleCommand(io: Io, ended: (exitCode: number) => void): Command {
  const schedule = new Command('schedule')
    .description('create, list, run, pause and delete the schedules of a project on a server')
    .addHelpText(
      'after',
      `
Examples:
  slipway schedule create 'every night' --cron '0 3 * * *' --timezone Europe/Berlin
  slipway schedule create weekly --cron '0 6 * * 1' --ref main --var SCOPE=all
  slipway schedule list
  slipway schedule run 3            now, beside its times
  slipway schedule pause 3`,
    );
  const add = (command: Command) => schedule.addCommand(addRemoteProjectOptions(command));
  add(
    new Command('create')
      .description('create a schedule')
      .argument('<DESCRIPTION>')
      .requiredOption('--cron <CRON>', 'when: minute, hour, day of the month, month, day of the week')
      .option('--ref <NAME>', 'the branch or tag (default: the default branch of the project)')
      .option('--timezone <NAME>', 'such as Europe/Berlin (default: UTC)')
      .option('--var <K=V>', 'a variable; `--var K` takes its value from the environment', collect, [])
      .option('--var-file <FILE>', 'variables from lines of K=V, or from a .json file', collect, [])
      .option('--input <K=V>', 'a value for spec:inputs; JSON where it is JSON, else text', collect, [])
      .option('--paused', 'it starts nothing before `slipway schedule resume`')
      .action(async (description: string, options: CreateScheduleOptions) => {
        const { createSchedule } = await import('../remote/schedules.ts');
        ended(await createSchedule(io, description, options));
      }),
  );
  add(
    new Command('list').description('list the schedules').action(async (options: RemoteProjectOptions) => {
      const { listSchedules } = await import('../remote/schedules.ts');
      ended(await listSchedules(io, options));
    }),
  );
  for (const [name, what] of [
    ['run', 'start its pipeline now'],
    ['pause', 'let a schedule start nothing for a while'],
    ['resume', 'let it start pipelines again'],
    ['delete', 'delete a schedule'],
  ] as const) {
    add(
      new Command(name)
        .description(what)
        .argument('<ID>')
        .action(async (id: string, options: RemoteProjectOptions) => {
          const { changeSchedule } = await import('../remote/schedules.ts');
          ended(await changeSchedule(io, name, id, options));
        }),
    );
  }
  return schedule;
}
