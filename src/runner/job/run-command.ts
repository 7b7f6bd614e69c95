import { quoteForShell } from '../../base/quote-for-shell.ts';
import type { ImageCommand } from '../../pipeline/index.ts';
import type { ScriptResult } from '../executor.ts';
import { GRACE_SECONDS, type JobRun, runLines, startFolder } from './job-run.ts';

/**
 * Runs a program with its arguments as they are: nothing in them is expanded. Where the environment has no way of its
 * own to do this, a script of one line does it, in which every word is quoted; it needs a program then.
 */
export async function runCommand(
  run: JobRun,
  command: ImageCommand,
  signal: AbortSignal,
): Promise<ScriptResult> {
  const { environment, variables, log } = run;
  const line = commandLine(command);
  if (environment.runCommand === undefined) return await runLines(run, [line], signal);
  await log.line(`$ ${line.split('\n')[0]}`, 'info');
  return await environment.runCommand({
    command,
    variables: variables.exported,
    folder: startFolder(run),
    log,
    signal,
    graceSeconds: GRACE_SECONDS,
  });
}

/** As a person would type it. */
function commandLine({ program, arguments: given }: ImageCommand): string {
  const words = [...(program === null ? [] : [program]), ...(given ?? [])];
  return words.length === 0 ? "(the image's own command)" : words.map(word).join(' ');
}

function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quoteForShell(text);
}
