import { Command } from 'commander';
import { EXIT_CODES_HELP } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { collect } from '../pipeline-options.ts';
import { addRemoteProjectOptions, type RemoteProjectOptions } from '../remote/remote-options.ts';

export interface JobLogOptions extends RemoteProjectOptions {
  readonly follow?: boolean;
}

export interface PlayOptions extends RemoteProjectOptions {
  readonly var: readonly string[];
  readonly varFile: readonly string[];
}

export interface ArtifactsOptions extends RemoteProjectOptions {
  readonly output?: string;
  readonly file?: string;
}

/** `slipway job`: the jobs of a project on a server. */
export function jobCommand(io: Io, ended: (exitCode: number) => void): Command {
  const job = new Command('job')
    .description('logs and artifacts of jobs on a server; play, retry and cancel them')
    .addHelpText(
      'after',
      `
\`slipway pipeline view\` shows the ids of jobs.

Examples:
  slipway job log 117 --follow                 until the job is over; the exit code is the job's result
  slipway job play 118 --var TARGET=staging    start a manual job
  slipway job retry 117
  slipway job artifacts 117 -o out.zip
  slipway job artifacts 117 --file dist/report.html -o report.html

${EXIT_CODES_HELP}`,
    );
  const add = (command: Command) => job.addCommand(addRemoteProjectOptions(command));
  add(
    new Command('log')
      .description('print the log of a job')
      .argument('<ID>')
      .option('-f, --follow', 'go on until the job is over')
      .action(async (id: string, options: JobLogOptions) => {
        const { printLog } = await import('../remote/job-log.ts');
        ended(await printLog(io, id, options));
      }),
  );
  for (const [name, what] of [
    ['play', 'start a manual or delayed job'],
    ['retry', 'run a job that is over once more'],
  ] as const) {
    add(
      new Command(name)
        .description(what)
        .argument('<ID>')
        .option(
          '--var <K=V>',
          'a variable for this run; `--var K` takes it from the environment',
          collect,
          [],
        )
        .option('--var-file <FILE>', 'variables from lines of K=V, or from a .json file', collect, [])
        .action(async (id: string, options: PlayOptions) => {
          const { changeJob } = await import('../remote/jobs.ts');
          ended(await changeJob(io, name, id, options));
        }),
    );
  }
  add(
    new Command('cancel')
      .description('cancel a job; its after_script still runs')
      .argument('<ID>')
      .action(async (id: string, options: RemoteProjectOptions) => {
        const { changeJob } = await import('../remote/jobs.ts');
        ended(await changeJob(io, 'cancel', id, { ...options, var: [], varFile: [] }));
      }),
  );
  add(
    new Command('artifacts')
      .description("download a job's artifacts")
      .argument('<ID>')
      .option('-o, --output <FILE>', 'where to; - is standard output (default: the name it has)')
      .option('--file <PATH>', 'only this file of the archive')
      .action(async (id: string, options: ArtifactsOptions) => {
        const { downloadArtifacts } = await import('../remote/artifacts.ts');
        ended(await downloadArtifacts(io, id, options));
      }),
  );
  return job;
}
