import { Command, InvalidArgumentError, Option } from 'commander';
import { printable } from '../../base/printable.ts';
import { hasErrors } from '../../base/problem.ts';
import type { ComparedEvent } from '../../local/index.ts';
import { chooseColours } from '../colours.ts';
import type { CompareOptions, Comparison } from '../compare-revisions.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, print } from '../io.ts';
import { addFileOptions, addValueOptions, EVENTS } from '../pipeline-options.ts';

interface DiffOptions extends Omit<CompareOptions, 'source'> {
  readonly source?: readonly ComparedEvent[];
  readonly format: 'text' | 'markdown';
  readonly json?: boolean;
  readonly exitCode?: boolean;
}

/** `slipway diff BASE [HEAD]`: what a change of the pipeline files does to the pipeline. */
export function diffCommand(io: Io, ended: (exitCode: number) => void): Command {
  const command = addFileOptions(
    new Command('diff')
      .description('tell what a change of the pipeline files does to the pipeline, job by job and key by key')
      .argument('<BASE>', 'the revision to compare with: a branch, a tag, a commit')
      .argument('[HEAD]', 'the revision that has the change (default: the files as they lie here)'),
  )
    .addOption(
      new Option(
        '-s, --source <EVENT>',
        'an event to compare for; more than once for several (default: push, merge_request_event, tag)',
      )
        .choices(EVENTS)
        .argParser(collectEvent),
    )
    .option('--ref <BRANCH>', 'the branch that is pushed (default: HEAD, or what is checked out)')
    .option('--tag <NAME>', 'what the tag is called (default: as the newest one, or v1.0.0)')
    .option(
      '--target <BRANCH>',
      'the branch that a merge request goes to (default: BASE, or the default branch)',
    )
    .option('--merge-base', 'compare with the commit where HEAD left BASE')
    .option(
      '--changes',
      'let rules:changes see the files that differ (default: no diff is known, so they all hold)',
    );
  return addValueOptions(command)
    .addOption(
      new Option('--format <FORMAT>', 'for a terminal, or for a comment on a merge request')
        .choices(['text', 'markdown'])
        .default('text'),
    )
    .option('--json', 'as one JSON object')
    .option('--exit-code', 'exit with 1 when there are differences')
    .addHelpText(
      'after',
      `
Examples:
  slipway diff main                        your changes, committed or not, against main
  slipway diff HEAD                        only what is not committed
  slipway diff v1.0 v1.1 --source tag
  slipway diff origin/main HEAD --merge-base --format markdown
  slipway diff main --exit-code --json | jq '.differences[].removed[].name'

Exit codes:
  0    success, whether there are differences or not
  1    there are differences, with --exit-code
  2    the pipeline file of HEAD is invalid, or the command was called wrongly`,
    )
    .action(async (base: string, head: string | undefined, options: DiffOptions, called: Command) => {
      const { color } = called.optsWithGlobals<{ color: boolean }>();
      ended(await diff(io, base, head ?? null, options, color));
    });
}

function collectEvent(given: string, previous: readonly ComparedEvent[] = []): readonly ComparedEvent[] {
  const event = EVENTS.find((known) => known === given);
  if (event === undefined) throw new InvalidArgumentError(`Allowed choices are ${EVENTS.join(', ')}.`);
  return [...previous, event];
}

async function diff(
  io: Io,
  base: string,
  head: string | null,
  options: DiffOptions,
  color: boolean,
): Promise<number> {
  const { compareRevisions } = await import('../compare-revisions.ts');
  const source = [...new Set(options.source ?? USUAL_EVENTS)];
  const comparison = await compareRevisions(io, base, head, { ...options, source });
  const { languageNote } = await import('../given-context.ts');
  const note = await languageNote(comparison.file, comparison.others, comparison.language);
  if (note !== null) await print(io.stderr, `note: ${printable(note)}\n`);
  if (options.json === true) {
    const { comparisonAsJson } = await import('../looks/difference-json.ts');
    await print(io.stdout, `${JSON.stringify(comparisonAsJson(comparison), null, 2)}\n`);
    return exitCodeOf(comparison, options);
  }
  const { showProblems } = await import('../show-problems.ts');
  await showProblems(io, comparison.head.errors, color);
  if (options.format === 'markdown') {
    const { comparisonAsMarkdown } = await import('../looks/difference-markdown.ts');
    await print(io.stdout, comparisonAsMarkdown(comparison));
  } else {
    const { comparisonAsText } = await import('../looks/difference.ts');
    await print(io.stdout, comparisonAsText(comparison, chooseColours(io, io.stdout, color)));
  }
  return exitCodeOf(comparison, options);
}

const USUAL_EVENTS: readonly ComparedEvent[] = ['push', 'merge_request_event', 'tag'];

function exitCodeOf({ head, differences }: Comparison, { exitCode }: DiffOptions): number {
  if (hasErrors(head.errors)) return EXIT.invalid;
  return exitCode === true && differences.some(({ same }) => !same) ? EXIT.failed : EXIT.success;
}
