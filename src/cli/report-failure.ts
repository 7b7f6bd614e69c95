import { AppError } from '../base/app-error.ts';
import { printable } from '../base/printable.ts';
import type { Colours } from './colours.ts';
import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';

/**
 * Tells a person on stderr what went wrong and answers with the exit code. An AppError is one line and what to do;
 * anything else is a defect of ours and says so, with its stack, because without it nobody could mend it.
 */
export function reportFailure(
  error: unknown,
  io: Io,
  { debug, colours }: { readonly debug: boolean; readonly colours: Colours },
): number {
  const label = colours.red(colours.bold('error'));
  if (error instanceof AppError) {
    io.stderr.write(`${label}: ${printable(error.message)} ${colours.dim(`[${error.code}]`)}\n`);
    if (error.hint !== null) io.stderr.write(`${colours.cyan('hint')}: ${printable(error.hint)}\n`);
    if (debug) io.stderr.write(`${stackWithCauses(error)}\n`);
    return USAGE_CODES.has(error.code) ? EXIT.invalid : EXIT.failed;
  }
  io.stderr.write(`${label}: a defect in Slipway itself, please report it:\n${stackWithCauses(error)}\n`);
  return EXIT.failed;
}

/** AppErrors about how the command was called, not about the world. */
const USAGE_CODES: ReadonlySet<string> = new Set([
  'bad-option',
  'no-pipeline-file',
  'no-such-folder',
  'bad-context-file',
  'no-such-job',
  'file-not-written',
  'nothing-to-convert',
  'no-such-revision',
  'no-tag',
  'no-target-branch',
  'bad-server-address',
  'no-project',
  'not-confirmed',
]);

function stackWithCauses(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? stack : `${stack}\nCaused by: ${stackWithCauses(error.cause)}`;
}
