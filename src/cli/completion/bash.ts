import type { CommandDescription } from '../describe-commands.ts';
import { completes } from './value-kinds.ts';

/** A completion script for bash 4 or newer, with or without the bash-completion package. */
export function bashCompletion(commands: readonly CommandDescription[]): string {
  const named = commands.filter((command) => command.name !== '');
  return `# bash completion of slipway; put this into ~/.bashrc:  source <(slipway completion bash)
_slipway_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2"); }
_slipway_jobs() {
  local job
  COMPREPLY=()
  while IFS= read -r job; do
    [[ $job == "$1"* ]] && COMPREPLY+=("$(printf '%q' "$job")")
  done < <(slipway list --names 2>/dev/null)
}
_slipway_revisions() {
  _slipway_words "$(git for-each-ref --format='%(refname:short)' 2>/dev/null)" "$1"
}
_slipway() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${named.map((command) => command.name).join(' | ')}) command=$word; break ;; esac
  done
  case $command:$previous in
${named.flatMap(valueCases).join('\n')}
  esac
  case $command in
${commands.map((command) => commandCase(named, command)).join('\n')}
  esac
}
complete -F _slipway slipway
`;
}

function valueCases(command: CommandDescription): readonly string[] {
  return command.options
    .filter((option) => option.value !== null)
    .map((option) => {
      const pattern = option.names.map((name) => `${command.name}:${name}`).join(' | ');
      return `    ${pattern}) ${action(option)} return ;;`;
    });
}

function commandCase(named: readonly CommandDescription[], command: CommandDescription): string {
  const options = command.options.flatMap((option) => option.names).join(' ');
  // Without a command, the commands themselves are what comes next.
  if (command.name === '') {
    return `    '') _slipway_words '${named.map(({ name }) => name).join(' ')} ${options}' "$current" ;;`;
  }
  const words = `_slipway_words '${options}' "$current";`;
  const argument = command.args[0];
  if (argument === undefined) return `    ${command.name}) ${words} ;;`;
  const other = action({ value: argument.name, choices: argument.choices });
  return `    ${command.name}) if [[ $current == -* ]]; then ${words} else ${other} fi ;;`;
}

function action(what: { readonly value: string | null; readonly choices: readonly string[] }): string {
  switch (completes(what)) {
    case 'choices':
      return `_slipway_words '${what.choices.join(' ')}' "$current";`;
    case 'jobs':
      return '_slipway_jobs "$current";';
    case 'revisions':
      return '_slipway_revisions "$current";';
    case 'files':
      return 'mapfile -t COMPREPLY < <(compgen -f -- "$current");';
    case 'folders':
      return 'mapfile -t COMPREPLY < <(compgen -d -- "$current");';
    case 'nothing':
      return 'COMPREPLY=();';
  }
}
