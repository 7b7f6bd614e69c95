import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { AppError } from '../../base/app-error.ts';
import { printable } from '../../base/printable.ts';
import { hasErrors } from '../../base/problem.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, print } from '../io.ts';
import { addPipelineOptions, type PipelineOptions } from '../pipeline-options.ts';

interface ConvertOptions extends PipelineOptions {
  readonly output?: string;
  readonly force?: boolean;
  readonly strict?: boolean;
}

/** `slipway convert`: a pipeline file of another language as a `.gitlab-ci.yml`. */
export function convertCommand(io: Io, ended: (exitCode: number) => void): Command {
  return addPipelineOptions(
    new Command('convert').description(
      'turn a buildspec.yml or cloudbuild.yaml into a .gitlab-ci.yml that plans the same jobs',
    ),
  )
    .addOption(new Option('--to <LANGUAGE>', 'the language to write').choices(['gitlab']).default('gitlab'))
    .option('-o, --output <FILE>', 'write it to this file, which is not there yet (default: print it)')
    .option('--force', 'with --output: write over a file that is there')
    .option('--strict', 'exit with 1 when something could not be carried over')
    .addHelpText(
      'after',
      `
Examples:
  slipway convert                                print what the file comes to
  slipway convert -o .gitlab-ci.yml              write it, then: slipway run --file .gitlab-ci.yml
  slipway convert --file ci/cloudbuild.yaml --var _ENVIRONMENT=staging
  slipway convert --source tag --strict          for a tag, and fail when something was dropped

What has no equal is a comment in the file and a line on stderr. docs/guides/convert.md tells what becomes of what.

Exit codes:
  0    converted
  1    with --strict: converted, and something was dropped
  2    the file is invalid, or the command was called wrongly`,
    )
    .action(async (options: ConvertOptions, command: Command) => {
      const { color } = command.optsWithGlobals<{ color: boolean }>();
      ended(await convert(io, options, color));
    });
}

async function convert(io: Io, options: ConvertOptions, color: boolean): Promise<number> {
  const [{ openPipelineFor }, { showProblems }, { convertPipeline }] = await Promise.all([
    import('../given-context.ts'),
    import('../show-problems.ts'),
    import('../../config/index.ts'),
  ]);
  const file = options.file ?? (await otherFile(io, options));
  const opened = await openPipelineFor(io, { ...options, ...(file === null ? {} : { file }) }, true);
  const { read } = opened;
  if (read.language === 'gitlab') {
    throw new AppError('nothing-to-convert', `${opened.file} is a file of GitLab CI already.`, {
      hint: 'Name a buildspec.yml or a cloudbuild.yaml with --file.',
    });
  }
  await showProblems(io, read.problems, color);
  if (hasErrors(read.problems)) return EXIT.invalid;
  const conversion = await convertPipeline(read, opened);
  if (conversion === null) return EXIT.invalid;
  if (options.output === undefined) await print(io.stdout, conversion.text);
  else await write(resolve(io.folder, options.output), conversion.text, options);
  const dropped = conversion.remarks.filter(({ kind }) => kind === 'dropped');
  const lines = conversion.remarks.map(({ job, kind, text }) => {
    const about = job === null ? '' : `${job}: `;
    return `${kind === 'dropped' ? 'not carried over' : 'note'}: ${printable(about + text)}\n`;
  });
  await print(io.stderr, lines.join(''));
  return options.strict === true && dropped.length > 0 ? EXIT.failed : EXIT.success;
}

/** Where nobody named a file, a `.gitlab-ci.yml` beside the one to convert is not meant. */
async function otherFile(io: Io, options: ConvertOptions): Promise<string | null> {
  const [{ findProject }, { repositoryRoot }, { PIPELINE_FILES }] = await Promise.all([
    import('../find-project.ts'),
    import('../../local/index.ts'),
    import('../../config/index.ts'),
  ]);
  const { file, others } = await findProject(io.folder, options, repositoryRoot);
  return PIPELINE_FILES[0] === file ? (others[0] ?? null) : null;
}

async function write(path: string, text: string, { force, output }: ConvertOptions): Promise<void> {
  try {
    await writeFile(path, text, { flag: force === true ? 'w' : 'wx' });
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    const reason = isThere ? 'it is there already' : cause instanceof Error ? cause.message : String(cause);
    throw new AppError('file-not-written', `${output} cannot be written: ${reason}.`, {
      cause,
      ...(isThere ? { hint: 'Name another file, or write over it with --force.' } : {}),
    });
  }
}
