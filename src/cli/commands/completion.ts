import { Argument, Command } from 'commander';
import type { Io } from '../io.ts';

/** `slipway completion SHELL`: a script that teaches a shell the commands, their options and the names of the jobs. */
export function completionCommand(io: Io): Command {
  return new Command('completion')
    .description('print a script that completes commands, options and job names')
    .addArgument(new Argument('<shell>', 'whose script').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      `
Examples:
  source <(slipway completion bash)       in ~/.bashrc
  source <(slipway completion zsh)        in ~/.zshrc, after compinit
  slipway completion fish > ~/.config/fish/completions/slipway.fish`,
    )
    .action(async (shell: 'bash' | 'zsh' | 'fish', _options: unknown, command: Command) => {
      const { describeCommands } = await import('../describe-commands.ts');
      const commands = describeCommands(command.parent ?? command);
      io.stdout.write(await scriptFor(shell, commands));
    });
}

async function scriptFor(
  shell: 'bash' | 'zsh' | 'fish',
  commands: Parameters<typeof import('../completion/bash.ts').bashCompletion>[0],
): Promise<string> {
  switch (shell) {
    case 'bash':
      return (await import('../completion/bash.ts')).bashCompletion(commands);
    case 'zsh':
      return (await import('../completion/zsh.ts')).zshCompletion(commands);
    case 'fish':
      return (await import('../completion/fish.ts')).fishCompletion(commands);
  }
}
