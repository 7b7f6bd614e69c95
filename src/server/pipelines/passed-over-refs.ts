/**
 * For the pusher: which refs of a push got no pipeline because it changed so many. No line when there is none; the names
 * of a few are enough when there are a thousand.
 */
export function linesAboutPassedOver(names: readonly string[]): readonly string[] {
  const [first, ...others] = names.length > MOST_NAMES ? names.slice(0, NAMES_OF_MANY) : names;
  if (first === undefined) return [];
  const left = names.length - others.length - 1;
  const parts = [first, ...others, ...(left === 0 ? [] : [`${left} more`])];
  const listed = parts.length === 1 ? first : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
  return [`No pipeline for ${listed}: only the first four refs of a push get one.`];
}

const MOST_NAMES = 3;
const NAMES_OF_MANY = 2;
