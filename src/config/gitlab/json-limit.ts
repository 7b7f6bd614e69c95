import { AppError } from '../../base/app-error.ts';
import type { Json } from '../../pipeline/index.ts';

/**
 * Counts what is printed as JSON job by job, and stops before it fills the memory: in it every job has a copy of the
 * variables and scripts that it shares with others.
 *
 * @throws AppError `json-too-large`, from what it answers with.
 */
export function createJsonLimit(): (job: string, json: Json) => void {
  let characters = 0;
  return (job, json) => {
    characters += lengthOf(json);
    if (characters <= MAX_CHARACTERS) return;
    throw new AppError(
      'json-too-large',
      `The pipeline is too large to be written as JSON: more than ${MAX_CHARACTERS} characters at the job ${job}.`,
      { hint: 'slipway list without --json shows all jobs, and slipway explain one of them.' },
    );
  };
}

const MAX_CHARACTERS = 128 * 1024 * 1024;

/** Quotes, a comma, the end of the line and what it is set in with. */
const AROUND = 12;

/** About as long as it is printed. */
function lengthOf(json: Json): number {
  if (typeof json === 'string') return json.length + AROUND;
  if (typeof json !== 'object' || json === null) return 5 + AROUND;
  let length = 2 + AROUND;
  for (const [key, value] of Object.entries(json)) {
    length += lengthOf(value) + (Array.isArray(json) ? 0 : key.length + 3);
  }
  return length;
}
