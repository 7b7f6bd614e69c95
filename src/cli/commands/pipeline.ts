import { Command } from 'commander';
import { EXIT_CODES_HELP } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { collect, positiveInteger } from '../pipeline-options.ts';
import { addRemoteProjectOptions, type RemoteProjectOptions } from '../remote/remote-options.ts';

export interface ListPipelinesOptions extends RemoteProjectOptions {
  readonly ref?: string;
  readonly status?: string;
  readonly limit: number;
}

export interface WatchOptions extends RemoteProjectOptions {
  readonly plain?: boolean;
}

export interface RunPipelineOptions extends WatchOptions {
  readonly var: readonly string[];
  readonly varFile: readonly string[];
  readonly input: readonly string[];
  readonly watch?: boolean;
}

/** `slipway pipeline`: the pipelines of a project on a server. */
export function pipelineCommand(io: Io, ended: (exitCode: number) => void): Command {
  const pipeline = new Command('pipeline')
    .description('list, watch, start, retry, cancel and delete pipelines on a server')
    .addHelpText(
      'after',
      `
Without an ID, view and watch take the newest pipeline of the branch that is checked out.

Examples:
  slipway pipeline list --status failed
  slipway pipeline watch                      the newest of this branch, live, with its logs
  slipway pipeline run main --var MODE=fast --watch
  slipway pipeline retry 42
  slipway pipeline list -p team/app --json | jq '.[0].web_url'

${EXIT_CODES_HELP}`,
    );
  const add = (command: Command) => pipeline.addCommand(addRemoteProjectOptions(command));
  add(
    new Command('list')
      .description('list pipelines, the newest first')
      .option('--ref <NAME>', 'of this branch or tag')
      .option('--status <STATUS>', 'running, success, failed, …')
      .option('--limit <N>', 'how many', positiveInteger, 20)
      .action(async (options: ListPipelinesOptions) => {
        const { listPipelines } = await import('../remote/pipelines.ts');
        ended(await listPipelines(io, options));
      }),
  );
  add(
    new Command('view')
      .description('show a pipeline and its jobs')
      .argument('[ID]')
      .action(async (id: string | undefined, options: RemoteProjectOptions, command: Command) => {
        const { viewPipeline } = await import('../remote/pipelines.ts');
        ended(await viewPipeline(io, id, options, colorOf(command)));
      }),
  );
  add(
    new Command('watch')
      .description('watch a pipeline until it is over; Ctrl-C leaves it running')
      .argument('[ID]')
      .option('--plain', 'no live display: every line with the name of its job')
      .action(async (id: string | undefined, options: WatchOptions, command: Command) => {
        const { watch } = await import('../remote/watch.ts');
        ended(await watch(io, id, options, colorOf(command)));
      }),
  );
  add(
    new Command('run')
      .description('start a pipeline for a branch or tag')
      .argument('[REF]', 'default: the default branch of the project')
      .option('--var <K=V>', 'a variable; `--var K` takes its value from the environment', collect, [])
      .option('--var-file <FILE>', 'variables from lines of K=V, or from a .json file', collect, [])
      .option('--input <K=V>', 'a value for spec:inputs; JSON where it is JSON, else text', collect, [])
      .option('--watch', 'and watch it; Ctrl-C leaves it running')
      .option('--plain', 'with --watch: no live display')
      .action(async (ref: string | undefined, options: RunPipelineOptions, command: Command) => {
        const { runPipeline } = await import('../remote/run-pipeline.ts');
        ended(await runPipeline(io, ref, options, colorOf(command)));
      }),
  );
  for (const [name, what] of [
    ['retry', 'run the failed and canceled jobs of a pipeline again'],
    ['cancel', 'cancel what is not over of a pipeline'],
    ['delete', 'delete a pipeline that is over, with its logs and artifacts'],
  ] as const) {
    add(
      new Command(name)
        .description(what)
        .argument('<ID>')
        .action(async (id: string, options: RemoteProjectOptions) => {
          const { changePipeline } = await import('../remote/pipelines.ts');
          ended(await changePipeline(io, name, id, options));
        }),
    );
  }
  return pipeline;
}

function colorOf(command: Command): boolean {
  return command.optsWithGlobals<{ color: boolean }>().color;
}
