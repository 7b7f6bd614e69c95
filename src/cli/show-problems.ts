import { hasErrors, type Problem } from '../base/problem.ts';
import { formatProblem } from '../config/index.ts';
import { chooseColours } from './colours.ts';
import { type Io, print } from './io.ts';

/** Writes problems to stderr, each with its line of the file, and how many there are when there are errors. */
export async function showProblems(io: Io, problems: readonly Problem[], color: boolean): Promise<void> {
  if (problems.length === 0) return;
  const colours = chooseColours(io, io.stderr, color);
  const shown = problems.map((problem) => `${formatProblem(problem, { color: colours.isColorSupported })}\n`);
  const count = hasErrors(problems) ? `${colours.red(countText(problems))}\n` : '';
  await print(io.stderr, `${shown.join('\n')}\n${count}`);
}

export function countText(problems: readonly Problem[]): string {
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  const warnings = problems.length - errors;
  return [countOf(errors, 'error'), countOf(warnings, 'warning')].filter((text) => text !== '').join(', ');
}

function countOf(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`;
}
