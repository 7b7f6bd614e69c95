import { Command } from 'commander';
import { AppError } from '../../base/app-error.ts';
import type { ProjectOptions } from '../find-project.ts';
import type { Io } from '../io.ts';

/** `slipway secret`: the project's secrets on this machine. */
export function secretCommand(io: Io, ended: (exitCode: number) => void): Command {
  const secret = new Command('secret')
    .description('set, list and remove the secrets that jobs of this project ask for')
    .addHelpText(
      'after',
      `
A secret is kept for this project in your own state folder, in files that only you can read; never in the repository.
Jobs find it by the name that the pipeline file gives: a parameter's name, a secret's id or its resource name. Its value
comes from standard input, or is asked for without being shown: never from an argument, which others could see.

Examples:
  slipway secret set /app/token                     asks for the value
  pass show app/token | slipway secret set /app/token
  slipway secret list                               the names, without the values
  slipway secret remove /app/token`,
    );
  const within = (command: Command): Command =>
    command.option('-C, --repository <FOLDER>', 'the project (default: the one this folder is in)');
  // A value that somebody gives all the same is taken: commander would repeat it on the screen.
  secret.hook('preSubcommand', (_secret, command) => {
    if (command.name() === 'set') command.allowExcessArguments();
  });
  secret.addCommand(
    within(new Command('set').description('set a secret').argument('<NAME>')).action(
      async (name: string, options: ProjectOptions, { args }: Command) => {
        if (args.length > 1) {
          throw new AppError('bad-option', 'slipway secret set takes a name only.', {
            hint: 'The value comes from standard input, or is asked for: others can see the arguments of a command.',
          });
        }
        const { setSecret } = await import('../keep-secrets.ts');
        ended(await setSecret(io, name, options));
      },
    ),
  );
  secret.addCommand(
    within(new Command('list').description('list the names of the secrets')).action(
      async (options: ProjectOptions) => {
        const { listSecrets } = await import('../keep-secrets.ts');
        ended(await listSecrets(io, options));
      },
    ),
  );
  secret.addCommand(
    within(new Command('remove').description('remove a secret').argument('<NAME>')).action(
      async (name: string, options: ProjectOptions) => {
        const { removeSecret } = await import('../keep-secrets.ts');
        ended(await removeSecret(io, name, options));
      },
    ),
  );
  return secret;
}
