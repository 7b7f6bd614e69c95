import { Command } from 'commander';
import { chooseColours } from '../colours.ts';
import { EXIT } from '../exit-codes.ts';
import type { ProjectOptions } from '../find-project.ts';
import { type Io, print } from '../io.ts';
import { addPipelineOptions, type PipelineOptions } from '../pipeline-options.ts';

interface LintOptions extends PipelineOptions {
  readonly json?: boolean;
}

/** `slipway lint`: every error and warning of a pipeline file, with its place. */
export function lintCommand(io: Io, ended: (exitCode: number) => void): Command {
  return addPipelineOptions(
    new Command('lint')
      .description('check the pipeline file: every error and warning, with its place')
      .argument('[FILE]', 'the pipeline file, as --file'),
  )
    .option('--json', 'the problems as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  slipway lint
  slipway lint ci/deploy.gitlab-ci.yml
  slipway lint --json | jq -r '.problems[] | "\\(.place.file):\\(.place.line) \\(.message)"'`,
    )
    .action(async (file: string | undefined, options: LintOptions, command: Command) => {
      const { color } = command.optsWithGlobals<{ color: boolean }>();
      ended(await lint(io, file === undefined ? options : { ...options, file, anywhere: true }, color));
    });
}

async function lint(io: Io, options: LintOptions & ProjectOptions, color: boolean): Promise<number> {
  const [{ openPipelineFor }, { showProblems, countText }] = await Promise.all([
    import('../given-context.ts'),
    import('../show-problems.ts'),
  ]);
  const opened = await openPipelineFor(io, options);
  const { read, file } = opened;
  const valid = read.outcome !== 'invalid';
  if (options.json === true) {
    const answer = { file, valid, outcome: read.outcome, problems: read.problems };
    await print(io.stdout, `${JSON.stringify(answer, null, 2)}\n`);
    return valid ? EXIT.success : EXIT.invalid;
  }
  await showProblems(io, read.problems, color);
  if (!valid) return EXIT.invalid;
  const colours = chooseColours(io, io.stdout, color);
  const jobs = read.plan?.jobs.length ?? 0;
  const warnings = read.problems.length === 0 ? '' : ` with ${countText(read.problems)}`;
  const found =
    read.plan === null
      ? (await import('../outcome-text.ts')).outcomeText(opened)
      : `${jobs} ${jobs === 1 ? 'job' : 'jobs'}.`;
  await print(io.stdout, `${colours.green('✓')} ${file} is valid${warnings}. ${found}\n`);
  return EXIT.success;
}
