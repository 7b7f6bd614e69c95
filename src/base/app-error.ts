/**
 * What the world did wrong: no engine, a full disk, a file that cannot be read. The message says what happened, to
 * what, and what to do; the code is stable and has a section in docs/errors.md.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: string;
  /** What to do about it, one sentence; null when the message says it all. */
  readonly hint: string | null;

  constructor(
    code: string,
    message: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? null;
  }
}
