import { quoteForShell } from '../../base/quote-for-shell.ts';
import { LOOKS, RESET } from '../log/ansi.ts';

export interface ScriptContent {
  /** In the order in which they are exported. */
  readonly variables: ReadonlyMap<string, string>;
  readonly projectDir: string;
  /** Where the lines start; made when it is missing. Absent: in the project. */
  readonly folder?: string;
  /** The lines of the job, each a command or several. */
  readonly lines: readonly string[];
}

/**
 * The shell script for the lines of a job: it exports the variables, goes to the project, and then shows and runs line
 * after line, in one shell, ending with the exit code of the first that fails. It works in bash and in any POSIX sh.
 *
 * Variables come before `set -e`: a name that the shell itself keeps (UID) then only earns a complaint in the log.
 */
export function shellScript({ variables, projectDir, folder, lines }: ScriptContent): string {
  const traced = variables.get('CI_DEBUG_TRACE')?.toLowerCase() === 'true';
  return [
    ...[...variables].map(([name, value]) => `export ${name}=${quoteForShell(value)}`),
    'set -e',
    // Not every sh has it, and those that have not end with an error when asked for it: asked in a process of its own.
    'if [ -n "$BASH_VERSION" ] || (set -o pipefail) 2>/dev/null; then set -o pipefail; fi',
    `cd ${quoteForShell(projectDir)}`,
    ...(folder === undefined || folder === projectDir ? [] : enter(quoteForShell(folder))),
    ...(traced ? ['set -x'] : []),
    ...lines.flatMap((line) => [...announcement(line), line]),
    '',
  ].join('\n');
}

function enter(folder: string): readonly string[] {
  return [`mkdir -p ${folder}`, `cd ${folder}`];
}

/** Whether a shell can have a variable of this name. */
export function isShellName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

/** `$ command` as GitLab's runner shows it: in bold green, a command of several lines by its first. */
function announcement(line: string): readonly string[] {
  const [first = '', ...others] = line.trimEnd().split('\n');
  if (first === '' && others.length === 0) return [];
  const shown = others.length === 0 ? first : `${first} # collapsed multi-line command`;
  return [`printf '%s\\n' ${quoteForShell(`${LOOKS.info}$ ${shown}${RESET}`)}`];
}
