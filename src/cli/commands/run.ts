import { Command, Option } from 'commander';
import { EXIT_CODES_HELP } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { addPipelineOptions, collect, type PipelineOptions, positiveInteger } from '../pipeline-options.ts';

export interface RunOptions extends PipelineOptions {
  readonly needs?: boolean;
  readonly executor: 'auto' | 'shell' | 'docker';
  readonly image?: string;
  readonly manual: readonly string[];
  readonly concurrency?: number;
  readonly committed?: boolean;
  readonly keep?: boolean;
  readonly awsSecrets?: boolean;
  readonly sandbox: boolean;
  readonly privileged?: boolean;
  readonly engineSocket?: boolean;
  readonly json?: boolean;
  readonly plain?: boolean;
}

/** `slipway run`: the pipeline, or some of its jobs, on this machine. */
export function runCommand(io: Io, ended: (exitCode: number) => void): Command {
  return addPipelineOptions(
    new Command('run')
      .description('run the pipeline, or some of its jobs, on this machine')
      .argument('[JOB...]', 'only these jobs; the name in the file stands for all of a parallel job'),
  )
    .option('-n, --needs', 'with JOB: also the jobs that these wait for')
    .option('-m, --manual <JOB>', 'play this manual job when its time comes', collect, [])
    .addOption(
      new Option(
        '-e, --executor <WHERE>',
        'auto: jobs with an image in containers, the others on this machine',
      )
        .choices(['auto', 'shell', 'docker'])
        .default('auto'),
    )
    .option('--image <IMAGE>', 'the image of jobs that name none; they run in containers then')
    .option(
      '-j, --concurrency <N>',
      'how many jobs at once (default: the processors there are)',
      positiveInteger,
    )
    .option('--committed', 'run what is committed, without your uncommitted changes')
    .option('--keep', 'keep failed jobs, and those you name, to step into with `slipway shell`')
    .option(
      '--aws-secrets',
      'ask AWS, as you, for secrets of a buildspec that `slipway secret` does not have',
    )
    .option('--no-sandbox', 'let shell jobs write to this machine')
    .option('--privileged', 'give containers all rights (default: where a job needs it, as docker:dind does)')
    .option('--no-privileged', 'never give containers all rights')
    .option('--engine-socket', "give containers the Docker engine's socket, and with it this machine")
    .option('--plain', 'no live display: every line with the name of its job')
    .option('--json', 'every event as a line of JSON; what is wrong in the file comes first')
    .addHelpText(
      'after',
      `
Examples:
  slipway run                              the whole pipeline, as for a push of this branch
  slipway run lint unit                    these two jobs
  slipway run deploy --needs               one job and what it needs
  slipway run --manual deploy              the pipeline, and play this manual job
  slipway run --source merge_request_event --target main
  slipway run --var-file secrets.env --var ENVIRONMENT=staging
  slipway run --project group/other=../other     also the pipelines it triggers there
  slipway run --keep                       then, if unit fails: slipway shell unit
  AWS_PROFILE=work slipway run --aws-secrets     a buildspec whose secrets are in AWS
  slipway run --engine-socket              jobs that do docker build without docker:dind
  slipway run --executor shell             no containers, whatever the jobs' images
  slipway run --json | jq -c 'select(.type == "job-status")'

${EXIT_CODES_HELP}`,
    )
    .action(async (jobs: readonly string[], options: RunOptions, command: Command) => {
      const { color } = command.optsWithGlobals<{ color: boolean }>();
      const { run } = await import('../run-pipeline.ts');
      ended(await run(io, jobs, options, color));
    });
}
