import type { CommandDescription, OptionDescription } from '../describe-commands.ts';
import { completes } from './value-kinds.ts';

/** A completion script for fish. */
export function fishCompletion(commands: readonly CommandDescription[]): string {
  const named = commands.filter((command) => command.name !== '');
  return `# fish completion of slipway; run once:  slipway completion fish > ~/.config/fish/completions/slipway.fish
complete -c slipway -f
${named.map(({ name, summary }) => `complete -c slipway -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`).join('\n')}
${named.flatMap(commandLines).join('\n')}
`;
}

function commandLines(command: CommandDescription): readonly string[] {
  const start = `complete -c slipway -n '__fish_seen_subcommand_from ${command.name}'`;
  return [
    ...command.args.map(
      (argument) => `${start} ${action({ value: argument.name, choices: argument.choices })}`,
    ),
    ...command.options.map(
      (option) => `${start} ${names(option)} -d ${quote(option.summary)}${value(option)}`,
    ),
  ];
}

function names(option: OptionDescription): string {
  return option.names
    .map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
    .join(' ');
}

function value(option: OptionDescription): string {
  return option.value === null ? '' : ` -r ${action(option)}`;
}

function action(what: { readonly value: string | null; readonly choices: readonly string[] }): string {
  switch (completes(what)) {
    case 'choices':
      return `-a ${quote(what.choices.join(' '))}`;
    case 'jobs':
      return "-a '(slipway list --names 2>/dev/null)'";
    case 'revisions':
      return `-a '(git for-each-ref --format="%(refname:short)" 2>/dev/null)'`;
    case 'files':
      return '-F';
    case 'folders':
      return "-a '(__fish_complete_directories)'";
    case 'nothing':
      return '';
  }
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}
