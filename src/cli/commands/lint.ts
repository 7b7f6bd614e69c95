import { Command, Option } from 'commander';
import { hasErrors } from '../../base/problem.ts';
import { chooseColours } from '../colours.ts';
import { EXIT } from '../exit-codes.ts';
import type { ProjectOptions } from '../find-project.ts';
import { type Io, print } from '../io.ts';
import type { OpenedPipeline } from '../open-pipeline.ts';
import { addPipelineOptions, type PipelineOptions } from '../pipeline-options.ts';

interface LintOptions extends PipelineOptions {
  readonly static?: boolean;
  readonly json?: boolean;
  readonly context?: string;
}

/** `slipway lint`: every error and warning of a pipeline file, with its place. */
export function lintCommand(io: Io, ended: (exitCode: number) => void): Command {
  return addPipelineOptions(
    new Command('lint')
      .description('check the pipeline file: every error and warning, with its place')
      .argument('[FILE]', 'the pipeline file, as --file'),
  )
    .option('--static', 'only the file, for no event: no rules are evaluated, every job counts')
    .addOption(
      new Option(
        '--dry-run',
        'the file and the pipeline it comes to for the event; this is the default',
      ).conflicts('static'),
    )
    .option('--json', "as one JSON object, in the shape of GitLab's lint API and more")
    .option('--context <FILE>', 'take ref, event, changed files, variables and inputs from a JSON file')
    .addHelpText(
      'after',
      `
Examples:
  slipway lint
  slipway lint ci/deploy.gitlab-ci.yml
  slipway lint --source merge_request_event
  slipway lint --static
  slipway lint --refresh                      fetch included files of other projects again
  slipway lint --json | jq -r '.problems[] | "\\(.place.file):\\(.place.line) \\(.message)"'
  slipway lint --json | jq -r .merged_yaml`,
    )
    .action(async (file: string | undefined, options: LintOptions, command: Command) => {
      const { color } = command.optsWithGlobals<{ color: boolean }>();
      ended(await lint(io, file === undefined ? options : { ...options, file, anywhere: true }, color));
    });
}

async function lint(io: Io, options: LintOptions & ProjectOptions, color: boolean): Promise<number> {
  const [{ openPipelineFor }, { showProblems, countText }, { lintReport, problemsOfFile, LANGUAGE_NAMES }] =
    await Promise.all([
      import('../given-context.ts'),
      import('../show-problems.ts'),
      import('../../config/index.ts'),
    ]);
  const isStatic = options.static === true;
  const opened = await openPipelineFor(io, options, true);
  const { read, file, context } = opened;
  const problems = isStatic ? problemsOfFile(read) : read.problems;
  const valid = !hasErrors(problems);
  if (options.json === true) {
    const report = lintReport({ reading: read, file, context, isStatic });
    await print(io.stdout, `${JSON.stringify(report, null, 2)}\n`);
    return valid ? EXIT.success : EXIT.invalid;
  }
  await showProblems(io, problems, color);
  if (!valid) {
    if (!hasErrors(problemsOfFile(read))) await print(io.stderr, `${eventText(opened)}\n`);
    return EXIT.invalid;
  }
  const colours = chooseColours(io, io.stdout, color);
  const warnings = problems.length === 0 ? '' : ` with ${countText(problems)}`;
  const kind = read.language === 'gitlab' ? '' : ` ${LANGUAGE_NAMES[read.language]}`;
  const found = isStatic ? jobsText(countJobs(opened)) : await pipelineText(opened);
  await print(io.stdout, `${colours.green('✓')} ${file} is valid${kind}${warnings}. ${found}\n`);
  return EXIT.success;
}

/** The file is right, and this event cannot have its pipeline all the same. */
function eventText({ context }: OpenedPipeline): string {
  return `The file itself is valid: this is wrong for a ${context.source} of ${context.ref.kind} ${context.ref.name}.`;
}

async function pipelineText(opened: OpenedPipeline): Promise<string> {
  const { plan } = opened.read;
  return plan === null
    ? (await import('../outcome-text.ts')).outcomeText(opened)
    : jobsText(plan.jobs.length);
}

function countJobs({ read }: OpenedPipeline): number {
  return read.details?.seeding.index.byName.size ?? read.plan?.jobs.length ?? 0;
}

function jobsText(count: number): string {
  return `${count} ${count === 1 ? 'job' : 'jobs'}.`;
}
