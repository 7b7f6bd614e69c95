import { Command, Option } from 'commander';
import type { ProjectOptions } from '../find-project.ts';
import type { Io } from '../io.ts';
import { addFileOptions } from '../pipeline-options.ts';

export interface ShellOptions extends ProjectOptions {
  readonly executor: 'auto' | 'shell' | 'docker';
}

/** `slipway shell JOB`: step into a job that a run has kept. */
export function shellCommand(io: Io, ended: (exitCode: number) => void): Command {
  return addFileOptions(
    new Command('shell')
      .description('step into a job that `slipway run --keep` has kept')
      .argument('<JOB>', 'its name; of a parallel job also the name in the file')
      .argument('[COMMAND...]', 'after --: run this there instead of a shell'),
  )
    .addOption(
      new Option('-e, --executor <WHERE>', 'auto: where the job ran')
        .choices(['auto', 'shell', 'docker'])
        .default('auto'),
    )
    .addHelpText(
      'after',
      `
The job's files are as its scripts left them, its variables are set, its services run. What you change there stays
until the next \`slipway run\`, which removes what was kept.

Examples:
  slipway run --keep                       keep the jobs that fail
  slipway run unit --keep                  keep this one, whether it fails or not
  slipway shell unit                       a shell where it ran
  slipway shell unit -- npm test           one command there
  slipway shell unit -- sh -c 'env | sort' what takes a shell to say
  slipway shell unit --executor docker     in its image, although it ran on this machine

The exit code is that of the shell or command; 1 also when there is no such job or it cannot be entered.`,
    )
    .action(async (job: string, command: readonly string[], options: ShellOptions) => {
      const { shell } = await import('../step-into-job.ts');
      ended(await shell(io, job, command, options));
    });
}
