import type { CommandDescription, OptionDescription } from '../describe-commands.ts';
import { completes } from './value-kinds.ts';

/** A completion script for zsh. */
export function zshCompletion(commands: readonly CommandDescription[]): string {
  const named = commands.filter((command) => command.name !== '');
  return `#compdef slipway
# zsh completion of slipway; put this into ~/.zshrc:  source <(slipway completion zsh)
_slipway_jobs() {
  local -a jobs
  jobs=("\${(@f)$(slipway list --names 2>/dev/null)}")
  compadd -a jobs
}
_slipway_revisions() {
  local -a revisions
  revisions=("\${(@f)$(git for-each-ref --format='%(refname:short)' 2>/dev/null)}")
  compadd -a revisions
}
_slipway() {
  local -a commands
  commands=(
${named.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${named.map(commandCase).join('\n')}
  esac
}
compdef _slipway slipway
`;
}

function commandCase(command: CommandDescription): string {
  const specs = [...command.options.flatMap(optionSpecs), ...command.args.map(argumentSpec)];
  return `    ${command.name}) _arguments ${specs.map(quote).join(' ')} ;;`;
}

function optionSpecs(option: OptionDescription): readonly string[] {
  const summary = option.summary.replaceAll(/[[\]:]/g, '\\$&');
  const value = option.value === null ? '' : `:${option.value}:${action(option)}`;
  return option.names.map((name) => `*${name}[${summary}]${value}`);
}

function argumentSpec(argument: CommandDescription['args'][number], at: number): string {
  return `${argument.isVariadic ? '*' : at + 1}:${argument.name}:${action({ value: argument.name, choices: argument.choices })}`;
}

function action(what: { readonly value: string | null; readonly choices: readonly string[] }): string {
  switch (completes(what)) {
    case 'choices':
      return `(${what.choices.join(' ')})`;
    case 'jobs':
      return '_slipway_jobs';
    case 'revisions':
      return '_slipway_revisions';
    case 'files':
      return '_files';
    case 'folders':
      return '_files -/';
    case 'nothing':
      return ' ';
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
