import type { Problem } from '../../base/problem.ts';
import type { Span } from './node.ts';
import { lineText, placeOf } from './place.ts';

export interface ProblemDetails {
  readonly code: string;
  readonly message: string;
  /** An error unless said otherwise. */
  readonly severity?: 'error' | 'warning';
  readonly hint?: string | null;
}

/** A Problem at a span, with its place computed and the line it stands on kept for showing it later. */
export function problemAt(span: Span, details: ProblemDetails): Problem {
  const place = placeOf(span);
  return {
    severity: details.severity ?? 'error',
    code: details.code,
    message: shortened(details.message),
    place,
    excerpt: lineText(span.file, place.line).slice(0, MAX_EXCERPT),
    hint: details.hint ?? null,
  };
}

/** A name of a megabyte is the file's, not ours to repeat. */
function shortened(message: string): string {
  return message.length <= MAX_MESSAGE ? message : `${message.slice(0, MAX_MESSAGE)}…`;
}

const MAX_MESSAGE = 2_000;
const MAX_EXCERPT = 20_000;
