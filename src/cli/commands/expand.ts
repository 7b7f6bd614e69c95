import { Command } from 'commander';
import { AppError } from '../../base/app-error.ts';
import { hasErrors } from '../../base/problem.ts';
import type { ExpandedConfig } from '../../config/index.ts';
import type { Json } from '../../pipeline/index.ts';
import { chooseColours } from '../colours.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, print } from '../io.ts';
import { addPipelineOptions, type PipelineOptions } from '../pipeline-options.ts';

interface ExpandOptions extends PipelineOptions {
  readonly job?: string;
  readonly origins?: boolean;
  readonly json?: boolean;
  readonly context?: string;
}

/** `slipway expand`: the pipeline file after include, extends and !reference. */
export function expandCommand(io: Io, ended: (exitCode: number) => void): Command {
  return addPipelineOptions(
    new Command('expand').description(
      'print the file as it is after include, extends and !reference, or with its substitutions filled in',
    ),
  )
    .option('--job <JOB>', 'only this job, with the defaults it takes; templates count as jobs')
    .option('--origins', 'where each line was written, as a comment')
    .option('--json', 'as JSON; with --origins an object of the configuration and the place of each value')
    .option('--context <FILE>', 'take ref, event, changed files, variables and inputs from a JSON file')
    .addHelpText(
      'after',
      `
Examples:
  slipway expand
  slipway expand --origins
  slipway expand --job deploy
  slipway expand --json | jq '.deploy.script'
  slipway expand --file cloudbuild.yaml --var _ENV=staging
  slipway expand --source schedule                as the include:rules have it for this event`,
    )
    .action(async (options: ExpandOptions, command: Command) => {
      const { color } = command.optsWithGlobals<{ color: boolean }>();
      ended(await expand(io, options, color));
    });
}

async function expand(io: Io, options: ExpandOptions, color: boolean): Promise<number> {
  const { openPipelineFor } = await import('../given-context.ts');
  const { read, file, context } = await openPipelineFor(io, options, true);
  const [{ showProblems }, { expandConfig, expandFilledIn, problemsOfFile }] = await Promise.all([
    import('../show-problems.ts'),
    import('../../config/index.ts'),
  ]);
  const isOurs = read.language === 'gitlab';
  if (!isOurs && options.job !== undefined) {
    throw new AppError('bad-option', `--job chooses a job of a .gitlab-ci.yml, and ${file} is none.`, {
      hint: 'slipway explain JOB shows what a job of it comes to.',
    });
  }
  const problems = problemsOfFile(read);
  await showProblems(io, problems, color);
  const exitCode = hasErrors(problems) ? EXIT.invalid : EXIT.success;
  const expanded = isOurs ? expandConfig(read, context, options.job ?? null) : expandFilledIn(read, context);
  if (expanded === null) {
    if (exitCode !== EXIT.success) return exitCode;
    throw new AppError('no-such-job', `${file} has no job '${options.job}'.`, {
      hint: 'slipway list shows the jobs of the pipeline, slipway expand all that the file has.',
    });
  }
  await print(io.stdout, await textOf(io, expanded, options, color));
  return exitCode;
}

async function textOf(
  io: Io,
  expanded: ExpandedConfig,
  options: ExpandOptions,
  color: boolean,
): Promise<string> {
  if (options.json === true) {
    const json: Json =
      options.origins === true
        ? { configuration: expanded.json(), origins: expanded.origins() }
        : expanded.json();
    return `${JSON.stringify(json, null, 2)}\n`;
  }
  if (options.origins !== true) return expanded.yaml();
  const { linesWithOrigins } = await import('../looks/origins.ts');
  return linesWithOrigins(expanded.lines(), chooseColours(io, io.stdout, color));
}
