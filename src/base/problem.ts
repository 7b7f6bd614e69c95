/** A place in a file that a person wrote. Lines and columns count from 1, columns in UTF-16 units as editors do. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/**
 * Something a person wrote wrong (or might regret), with its place. Problems are collected, never thrown: one read
 * of a file reports all of them. What the world did wrong is an AppError instead.
 */
export interface Problem {
  readonly severity: 'error' | 'warning';
  /** Stable, kebab-case; every code has a section in docs/errors.md. */
  readonly code: string;
  readonly message: string;
  readonly place: Place | null;
  /** The line of source at `place`, kept so that a problem can be shown without reading the file again. */
  readonly excerpt: string | null;
  /** What to do about it, one sentence. */
  readonly hint: string | null;
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}
