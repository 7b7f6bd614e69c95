import pc from 'picocolors';
import { printable, printableInPlace } from '../../base/printable.ts';
import type { Problem } from '../../base/problem.ts';

/**
 * A Problem for people's eyes, without a final line break:
 *
 *     .gitlab-ci.yml:3:5: error: jobs:a config contains unknown keys: scrpt
 *       3 |     scrpt: make
 *         |     ^^^^^
 *       hint: Did you mean `script`?
 *
 * The source line is cut to fit 110 columns around the place, and nothing the file holds reaches the terminal as a
 * control sequence.
 */
export function formatProblem(problem: Problem, options: { readonly color: boolean }): string {
  const colors = pc.createColors(options.color);
  const paint = problem.severity === 'error' ? colors.red : colors.yellow;
  const { place } = problem;
  const where = place === null ? '' : `${printable(place.file)}:${place.line}:${place.column}: `;
  const lines = [`${colors.bold(where)}${paint(`${problem.severity}:`)} ${printable(problem.message)}`];
  const excerpt = excerptOf(problem);
  if (excerpt !== null && place !== null) {
    const number = String(place.line);
    lines.push(`  ${colors.dim(`${number} |`)} ${excerpt.text}`);
    lines.push(`  ${colors.dim(`${' '.repeat(number.length)} |`)} ${paint(excerpt.underline)}`);
  }
  if (problem.hint !== null) lines.push(`  ${colors.cyan('hint:')} ${printable(problem.hint)}`);
  return lines.join('\n');
}

const WIDTH = 110;

function excerptOf(problem: Problem): { readonly text: string; readonly underline: string } | null {
  const { place, excerpt } = problem;
  if (place === null || excerpt === null || excerpt.trim() === '') return null;
  // A line this long was not kept to its end.
  if (place.column > excerpt.length + 1) return null;
  const room = WIDTH - String(place.line).length - 5;
  const at = Math.min(place.column - 1, excerpt.length);
  const end = place.endLine > place.line ? excerpt.trimEnd().length : place.endColumn - 1;
  const from = excerpt.length <= room || at < room - 20 ? 0 : at - Math.floor(room / 3);
  const cut = excerpt.slice(from, from + room);
  const text = `${from > 0 ? '…' : ''}${printableInPlace(from > 0 ? cut.slice(1) : cut)}`;
  const length = Math.max(1, Math.min(end, from + room) - at);
  const underline = `${' '.repeat(at - from)}${'^'.repeat(length)}`;
  return { text: from + room < excerpt.length ? `${text.slice(0, -1)}…` : text, underline };
}
