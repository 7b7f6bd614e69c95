import { Command } from 'commander';
import { printable } from '../../base/printable.ts';
import { chooseColours } from '../colours.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, print } from '../io.ts';
import type { OpenedPipeline } from '../open-pipeline.ts';
import { addPipelineOptions, type PipelineOptions } from '../pipeline-options.ts';

interface ListOptions extends PipelineOptions {
  readonly json?: boolean;
  readonly names?: boolean;
  readonly context?: string;
}

/** `slipway list`: the jobs of the pipeline as they would run. */
export function listCommand(io: Io, ended: (exitCode: number) => void): Command {
  return addPipelineOptions(
    new Command('list').description('show the jobs that would run, without running anything'),
  )
    .option('--json', 'every attribute of every job, as one JSON object')
    .option('--names', 'only the names of the jobs, one a line')
    .option('--context <FILE>', 'take ref, event, changed files, variables and inputs from a JSON file')
    .addHelpText(
      'after',
      `
Examples:
  slipway list
  slipway list --source merge_request_event --target main
  slipway list --source schedule --var NIGHTLY=1
  slipway list --json | jq '.jobs | keys'`,
    )
    .action(async (options: ListOptions, command: Command) => {
      const { openPipelineFor } = await import('../given-context.ts');
      const opened = await openPipelineFor(io, options);
      const { color } = command.optsWithGlobals<{ color: boolean }>();
      ended(await list(io, opened, options, color));
    });
}

async function list(io: Io, opened: OpenedPipeline, options: ListOptions, color: boolean): Promise<number> {
  const { read } = opened;
  if (options.json === true) {
    const { describePipeline } = await import('../../config/index.ts');
    await print(io.stdout, `${JSON.stringify(describePipeline(read, opened.context), null, 2)}\n`);
    return read.outcome === 'invalid' ? EXIT.invalid : EXIT.success;
  }
  const { showProblems } = await import('../show-problems.ts');
  if (options.names !== true || read.plan === null) await showProblems(io, read.problems, color);
  if (read.plan === null) {
    const { outcomeText } = await import('../outcome-text.ts');
    if (read.outcome === 'invalid') return EXIT.invalid;
    await print(io.stderr, `${outcomeText(opened)}\n`);
    return EXIT.success;
  }
  if (options.names === true) {
    // A name may hold what a terminal acts on, and a line break: one line is one job.
    await print(io.stdout, read.plan.jobs.map((job) => `${printable(job.name)}\n`).join(''));
    return EXIT.success;
  }
  const [{ jobTable }, { maskOf, SHORTEST_SECRET }] = await Promise.all([
    import('../looks/job-table.ts'),
    import('../../config/index.ts'),
  ]);
  const mask = maskOf(opened.context, SHORTEST_SECRET);
  await print(io.stdout, jobTable(read.plan, chooseColours(io, io.stdout, color), mask));
  return EXIT.success;
}
