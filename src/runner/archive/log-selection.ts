import type { JobLog } from '../log/job-log.ts';
import type { FileSelection } from './select-files.ts';

/** Tells what each path of an `artifacts` or `cache` entry matched, as GitLab's runner does. */
export async function logSelection(
  log: JobLog,
  selection: FileSelection,
  noun: 'artifact' | 'cache',
): Promise<void> {
  for (const { pattern, count, problem } of selection.paths) {
    if (problem !== null) {
      await log.line(`WARNING: ${pattern}: ${problem}.`, 'warning');
    } else if (count === 0) {
      await log.line(
        `WARNING: ${pattern}: no matching files. Is the ${noun} path relative to the project directory?`,
        'warning',
      );
    } else {
      await log.line(
        `${pattern}: found ${count} matching ${noun} ${count === 1 ? 'file or directory' : 'files and directories'}`,
      );
    }
  }
  if (selection.untracked === 0) await log.line('WARNING: untracked: no files', 'warning');
  else if (selection.untracked !== null) await log.line(`untracked: found ${selection.untracked} files`);
  for (const { pattern, count, problem } of selection.exclude) {
    if (problem !== null) await log.line(`WARNING: exclude ${pattern}: ${problem}.`, 'warning');
    else if (count > 0) await log.line(`${pattern}: excluded ${count} files and directories`);
  }
  await logWarnings(log, selection.warnings);
}

const MAX_WARNINGS = 20;

export async function logWarnings(log: JobLog, warnings: readonly string[]): Promise<void> {
  for (const warning of warnings.slice(0, MAX_WARNINGS)) await log.line(`WARNING: ${warning}`, 'warning');
  const more = warnings.length - MAX_WARNINGS;
  if (more > 0) await log.line(`WARNING: and ${more} more like these`, 'warning');
}
