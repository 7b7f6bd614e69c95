import { quoteForShell } from '../../../base/quote-for-shell.ts';
import type { OnFailure } from './phases-script.ts';

/**
 * `codebuild_on_failure` prints what follows when the phase fails, and how often it is tried again; `codebuild_matches`
 * tells whether it failed with what it must have said for that.
 */
export function onFailureFunctions(all: readonly OnFailure[]): string {
  const cases = all.map((how, index) => `${index + 1}) echo ${how.kind}.${timesOf(how)} ;;`);
  const patterns = all.flatMap((how, index) =>
    how.kind === 'retry' && how.pattern !== null
      ? [`${index + 1}) set -- ${quoteForShell(how.pattern.text)} ${how.pattern.ignoresCase ? '-i' : ''} ;;`]
      : [],
  );
  return `codebuild_on_failure() { case $codebuild_n in ${cases.join(' ')} esac; }
${patterns.length === 0 ? NOTHING_WATCHED : watchedFunctions(patterns)}`;
}

function timesOf(how: OnFailure): number {
  return how.kind === 'retry' ? how.times : 0;
}

const NOTHING_WATCHED = `codebuild_matches() { :; }
codebuild_settle() { :; }
codebuild_forget() { :; }
codebuild_clean() { :; }`;

/**
 * What a command has said is waited for when it is over, for the order of the log; but not longer than five seconds: it may
 * have left something behind that writes on.
 */
function watchedFunctions(patterns: readonly string[]): string {
  return `codebuild_watched() {
  case $codebuild_n in
${patterns.map((line) => `    ${line}`).join('\n')}
    *) return 1 ;;
  esac
  codebuild_pattern=$1 codebuild_case=\${2-}
}
codebuild_settle() {
  codebuild_waited=0
  while [ -e "$codebuild_out/pipe" ] && [ ! -e "$codebuild_out/done" ] && [ "$codebuild_waited" -lt 50 ]; do
    codebuild_waited=$((codebuild_waited + 1))
    sleep 0.1 2> /dev/null || { sleep 1; codebuild_waited=$((codebuild_waited + 9)); }
  done
  command rm -f "$codebuild_out/pipe"
}
codebuild_forget() { command rm -f "$codebuild_out/said"; }
codebuild_clean() { command rm -rf "$codebuild_out"; }
codebuild_matches() {
  codebuild_watched || return 0
  { codebuild_message; command cat "$codebuild_out/said" 2>/dev/null; } |
    command grep -E \${codebuild_case:+"$codebuild_case"} -e "$codebuild_pattern" > /dev/null
}
[ "$1" = inner ] || {
  codebuild_out=$(mktemp -d)
  chmod 777 "$codebuild_out"
  export codebuild_out
}`;
}

/** What a command says is kept beside the log where it decides whether the phase is tried again. */
export const WATCHED_COMMAND = `codebuild_command() {
  codebuild_watched || { codebuild_plain; return; }
  command rm -f "$codebuild_out/done" "$codebuild_out/pipe"
  command mkfifo "$codebuild_out/pipe" || { codebuild_plain; return; }
  ( command tee -a "$codebuild_out/said"; : > "$codebuild_out/done" ) < "$codebuild_out/pipe" &
  codebuild_plain > "$codebuild_out/pipe" 2>&1
  set -- "$?"
  codebuild_settle
  return "$1"
}`;
