import { Command, CommanderError, Option } from 'commander';
import { chooseColours } from './colours.ts';
import { backupCommand } from './commands/backup.ts';
import { completionCommand } from './commands/completion.ts';
import { convertCommand } from './commands/convert.ts';
import { diffCommand } from './commands/diff.ts';
import { doctorCommand } from './commands/doctor.ts';
import { expandCommand } from './commands/expand.ts';
import { explainCommand } from './commands/explain.ts';
import { graphCommand } from './commands/graph.ts';
import { jobCommand } from './commands/job.ts';
import { lintCommand } from './commands/lint.ts';
import { listCommand } from './commands/list.ts';
import { lspCommand } from './commands/lsp.ts';
import { pipelineCommand } from './commands/pipeline.ts';
import { projectCommand } from './commands/project.ts';
import { pushCommand } from './commands/push.ts';
import { restoreCommand } from './commands/restore.ts';
import { runCommand } from './commands/run.ts';
import { runnerCommand } from './commands/runner.ts';
import { scheduleCommand } from './commands/schedule.ts';
import { schemaCommand } from './commands/schema.ts';
import { secretCommand } from './commands/secret.ts';
import { serverCommand } from './commands/server.ts';
import { shellCommand } from './commands/shell.ts';
import { splitTestsCommand } from './commands/split-tests.ts';
import { tokenCommand } from './commands/token.ts';
import { upCommand } from './commands/up.ts';
import { variableCommand } from './commands/variable.ts';
import { EXIT, EXIT_CODES_HELP } from './exit-codes.ts';
import { type Io, processIo } from './io.ts';
import { reportFailure } from './report-failure.ts';
import { VERSION } from './version.ts';

/**
 * Runs one command line and ends the process's exit code with it. Only what a command is called and takes is loaded
 * here; what it does is imported when it is chosen.
 */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const io = processIo();
  // A reader that has seen enough (`slipway list | head`) is no failure. A run has jobs to end first: interrupts.ts.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (process.stdout.listenerCount('error') === 1) process.exit(EXIT.success);
  });
  process.exitCode = await runProgram(argv, io);
}

/** Runs one command line against the given streams and answers with the exit code. Never throws. */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  const outcome: { exitCode: number } = { exitCode: EXIT.success };
  const program = createProgram(io, (exitCode) => {
    outcome.exitCode = exitCode;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return outcome.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.success : EXIT.invalid;
    const { color, debug } = program.opts<{ color: boolean; debug: boolean }>();
    return reportFailure(error, io, { debug, colours: chooseColours(io, io.stderr, color) });
  }
}

/** The whole command line as commander knows it; completion and docs/reference/cli.md are made from it. */
export function createProgram(io: Io, ended: (exitCode: number) => void): Command {
  const program = new Command('slipway')
    .description('Runs the pipeline files you already have, on your own machine or on a server of your own.')
    .version(VERSION, '-V, --version', 'print the version')
    .addOption(new Option('--no-color', 'no colours; NO_COLOR and FORCE_COLOR are honoured too'))
    .option('--debug', 'show stack traces', false)
    .helpOption('-h, --help', 'show help, with examples')
    .helpCommand('help [COMMAND]', 'show the help of a command')
    .exitOverride()
    .showHelpAfterError('(slipway --help shows what there is)')
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => Math.min(io.stdout.columns ?? 100, 110),
      getErrHelpWidth: () => Math.min(io.stderr.columns ?? 100, 110),
      getOutHasColors: () =>
        chooseColours(io, io.stdout, !process.argv.includes('--no-color')).isColorSupported,
      getErrHasColors: () =>
        chooseColours(io, io.stderr, !process.argv.includes('--no-color')).isColorSupported,
    })
    .addHelpText(
      'after',
      `
Examples:
  slipway run                     run the whole pipeline of this repository
  slipway run test --needs        one job, and what it needs
  slipway shell test              step into a job that a run with --keep has kept
  slipway list                    what would run, without running it
  slipway explain deploy          why a job is in the pipeline or not
  slipway lint                    every mistake in the file, with its place
  slipway expand --origins        the file with all it includes and extends, line by line
  slipway diff main               what your changes of the file do to the pipeline
  slipway convert                 a buildspec.yml or cloudbuild.yaml as a .gitlab-ci.yml
  slipway up                      a whole CI system on this machine
  slipway push                    run what is not committed yet on a server

${EXIT_CODES_HELP}`,
    );
  for (const make of COMMANDS) program.addCommand(styled(make(io, ended), program));
  return program;
}

const COMMANDS = [
  runCommand,
  shellCommand,
  secretCommand,
  listCommand,
  graphCommand,
  explainCommand,
  expandCommand,
  diffCommand,
  convertCommand,
  lintCommand,
  upCommand,
  serverCommand,
  runnerCommand,
  pushCommand,
  projectCommand,
  pipelineCommand,
  jobCommand,
  variableCommand,
  scheduleCommand,
  tokenCommand,
  doctorCommand,
  backupCommand,
  restoreCommand,
  splitTestsCommand,
  schemaCommand,
  lspCommand,
  completionCommand,
];

/** With what it inherits, and the commands below it with the same. */
function styled(command: Command, program: Command): Command {
  for (const below of command.commands) styled(below, program);
  return command
    .copyInheritedSettings(program)
    .configureHelp({ styleTitle: (text) => text, showGlobalOptions: true });
}
