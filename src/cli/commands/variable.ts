import { Command } from 'commander';
import { AppError } from '../../base/app-error.ts';
import type { Io } from '../io.ts';
import { addRemoteProjectOptions, type RemoteProjectOptions } from '../remote/remote-options.ts';

export interface VariableOptions extends RemoteProjectOptions {
  readonly instance?: boolean;
}

export interface ScopedOptions extends VariableOptions {
  readonly scope?: string;
}

export interface SetVariableOptions extends ScopedOptions {
  readonly masked?: boolean;
  readonly hidden?: boolean;
  readonly protected?: boolean;
  readonly file?: boolean;
  readonly raw?: boolean;
  readonly description?: string;
}

/** `slipway variable`: the variables of a project, or of the whole server. */
export function variableCommand(io: Io, ended: (exitCode: number) => void): Command {
  const variable = new Command('variable')
    .description('set, list and remove the variables of a project on a server')
    .addHelpText(
      'after',
      `
The value comes from standard input, or is asked for: never from an argument, which others could see.

Examples:
  slipway variable set DEPLOY_TOKEN --masked --protected      asks for the value
  pass show staging | slipway variable set DB_URL --scope staging
  slipway variable list
  slipway variable remove DB_URL --scope staging
  slipway variable set REGION --instance                      for all projects`,
    );
  const add = (command: Command) =>
    variable.addCommand(
      addRemoteProjectOptions(command.option('--instance', 'of the whole server, not of one project')),
    );
  // A value that somebody gives all the same is taken: commander would repeat it on the screen.
  variable.hook('preSubcommand', (_variable, command) => {
    if (command.name() === 'set') command.allowExcessArguments();
  });
  add(
    new Command('set')
      .description('set a variable, or change the one that is there')
      .argument('<KEY>')
      .option('--scope <PATTERN>', 'only for environments of this name or pattern', '*')
      .option('--masked', 'hide the value in logs')
      .option('--hidden', 'hide it in logs, and show it to nobody again')
      .option('--protected', 'only for jobs of protected branches and tags')
      .option('--file', 'jobs get a file with the value, and the variable is its path')
      .option('--raw', 'a $ in the value means itself')
      .option('--description <TEXT>', 'what it is for')
      .action(async (key: string, options: SetVariableOptions, { args }: Command) => {
        if (args.length > 1) {
          throw new AppError('bad-option', 'slipway variable set takes a key only.', {
            hint: 'The value comes from standard input, or is asked for: others can see the arguments of a command.',
          });
        }
        const { setVariable } = await import('../remote/variables.ts');
        ended(await setVariable(io, key, options));
      }),
  );
  add(
    new Command('list')
      .description('list the variables, without their values')
      .action(async (options: VariableOptions) => {
        const { listVariables } = await import('../remote/variables.ts');
        ended(await listVariables(io, options));
      }),
  );
  add(
    new Command('remove')
      .description('remove a variable')
      .argument('<KEY>')
      .option('--scope <PATTERN>', 'the one with this scope, where there are several')
      .action(async (key: string, options: ScopedOptions) => {
        const { removeVariable } = await import('../remote/variables.ts');
        ended(await removeVariable(io, key, options));
      }),
  );
  return variable;
}
