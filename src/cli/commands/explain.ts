import { Command } from 'commander';
import { AppError } from '../../base/app-error.ts';
import { chooseColours } from '../colours.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, print } from '../io.ts';
import { addPipelineOptions, type PipelineOptions } from '../pipeline-options.ts';

interface ExplainOptions extends PipelineOptions {
  readonly json?: boolean;
  readonly context?: string;
}

/** `slipway explain JOB`: why it is in the pipeline or not, and where everything in it comes from. */
export function explainCommand(io: Io, ended: (exitCode: number) => void): Command {
  return addPipelineOptions(
    new Command('explain')
      .description('tell why a job is in the pipeline or not, and where each of its keys comes from')
      .argument('<JOB>', 'its name; of a parallel job also the name in the file'),
  )
    .option('--json', 'as one JSON object')
    .option('--context <FILE>', 'take ref, event, changed files, variables and inputs from a JSON file')
    .addHelpText(
      'after',
      `
Examples:
  slipway explain deploy
  slipway explain deploy --source merge_request_event
  slipway explain 'test: [3.11]' --var NIGHTLY=1`,
    )
    .action(async (job: string, options: ExplainOptions, command: Command) => {
      const { color } = command.optsWithGlobals<{ color: boolean }>();
      ended(await explain(io, job, options, color));
    });
}

async function explain(io: Io, job: string, options: ExplainOptions, color: boolean): Promise<number> {
  const [{ openPipelineFor }, { showProblems }] = await Promise.all([
    import('../given-context.ts'),
    import('../show-problems.ts'),
  ]);
  const { read, file } = await openPipelineFor(io, options);
  const explained = await read.explain(job);
  if (options.json === true) {
    await print(
      io.stdout,
      `${JSON.stringify({ language: read.language, job: explained, problems: read.problems }, null, 2)}\n`,
    );
    if (explained !== null) return EXIT.success;
    return EXIT.invalid;
  }
  await showProblems(io, read.problems, color);
  if (explained === null) {
    if (read.outcome === 'invalid') return EXIT.invalid;
    throw new AppError('no-such-job', `${file} has no job '${job}'.`, {
      hint: 'slipway list shows the jobs of the pipeline. A name that begins with a dot is a template, not a job.',
    });
  }
  const { explanationText } = await import('../looks/explanation.ts');
  await print(io.stdout, explanationText(explained, chooseColours(io, io.stdout, color)));
  return EXIT.success;
}
