import { Command, Option } from 'commander';
import { chooseColours } from '../colours.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, print } from '../io.ts';
import { addPipelineOptions, type PipelineOptions } from '../pipeline-options.ts';

interface GraphOptions extends PipelineOptions {
  readonly json?: boolean;
  readonly format: 'text' | 'mermaid' | 'dot';
  readonly context?: string;
}

/** `slipway graph`: what waits for what. */
export function graphCommand(io: Io, ended: (exitCode: number) => void): Command {
  return addPipelineOptions(
    new Command('graph').description('show which job waits for which, as text or for a drawing program'),
  )
    .addOption(new Option('--format <FORMAT>', 'how').choices(['text', 'mermaid', 'dot']).default('text'))
    .option('--json', 'stages, jobs and needs as one JSON object')
    .option('--context <FILE>', 'take ref, event, changed files, variables and inputs from a JSON file')
    .addHelpText(
      'after',
      `
Examples:
  slipway graph
  slipway graph --format mermaid >> README.md
  slipway graph --format dot | dot -Tsvg > pipeline.svg`,
    )
    .action(async (options: GraphOptions, command: Command) => {
      const { color } = command.optsWithGlobals<{ color: boolean }>();
      ended(await graph(io, options, color));
    });
}

async function graph(io: Io, options: GraphOptions, color: boolean): Promise<number> {
  const [{ openPipelineFor }, { showProblems }, looks] = await Promise.all([
    import('../given-context.ts'),
    import('../show-problems.ts'),
    import('../looks/graph.ts'),
  ]);
  const opened = await openPipelineFor(io, options);
  await showProblems(io, opened.read.problems, color);
  if (opened.read.plan === null) {
    if (options.json === true) {
      const { language, outcome, problems } = opened.read;
      await print(io.stdout, `${JSON.stringify({ language, outcome, problems }, null, 2)}\n`);
    }
    if (opened.read.outcome === 'invalid') return EXIT.invalid;
    const { outcomeText } = await import('../outcome-text.ts');
    await print(io.stderr, `${outcomeText(opened)}\n`);
    return EXIT.success;
  }
  const found = looks.graphOf(opened.read.plan);
  if (options.json === true)
    await print(io.stdout, `${JSON.stringify({ language: opened.read.language, ...found }, null, 2)}\n`);
  else if (options.format === 'mermaid') await print(io.stdout, looks.graphAsMermaid(found));
  else if (options.format === 'dot') await print(io.stdout, looks.graphAsDot(found));
  else await print(io.stdout, looks.graphAsText(found, chooseColours(io, io.stdout, color)));
  return EXIT.success;
}
