import type { Command } from 'commander';

/** The command line as data: what completion scripts and docs/reference/cli.md are made from. */
export interface CommandDescription {
  /** Without the program's name; empty for the program itself. */
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly options: readonly OptionDescription[];
  readonly args: readonly {
    readonly name: string;
    readonly choices: readonly string[];
    /** There may be any number of them. */
    readonly isVariadic: boolean;
  }[];
  /** Its help as a terminal of 100 columns shows it. */
  readonly help: string;
}

export interface OptionDescription {
  /** `-f`, `--file`: what a person may type. */
  readonly names: readonly string[];
  readonly summary: string;
  /** What its value is called (`FILE`, `JOB`); null for a switch. */
  readonly value: string | null;
  readonly choices: readonly string[];
}

/** The program first, then its commands in the order of its help. */
export function describeCommands(program: Command): readonly CommandDescription[] {
  return [program, ...program.commands].map((command) => describe(command, program));
}

function describe(command: Command, program: Command): CommandDescription {
  const isProgram = command === program;
  return {
    name: isProgram ? '' : command.name(),
    summary: command.description(),
    usage: `${isProgram ? '' : 'slipway '}${command.name()} ${command.usage()}`,
    options: [
      ...command.options,
      ...(isProgram ? [] : program.options.filter((option) => option.long !== '--version')),
    ].map((option) => ({
      names: [option.short, option.long].filter((name) => name !== undefined),
      summary: option.description,
      value: /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1] ?? null,
      choices: option.argChoices ?? [],
    })),
    args: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      choices: argument.argChoices ?? [],
      isVariadic: argument.variadic,
    })),
    help: helpText(command),
  };
}

function helpText(command: Command): string {
  const { getOutHelpWidth, getOutHasColors, writeOut } = command.configureOutput();
  let text = '';
  command.configureOutput({
    getOutHelpWidth: () => 100,
    getOutHasColors: () => false,
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  command.configureOutput({
    ...(getOutHelpWidth === undefined ? {} : { getOutHelpWidth }),
    ...(getOutHasColors === undefined ? {} : { getOutHasColors }),
    ...(writeOut === undefined ? {} : { writeOut }),
  });
  return text;
}
