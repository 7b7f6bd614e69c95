import { AppError } from '../base/app-error.ts';

/** What a person can do about an address at which nothing can listen; another failure as it is. */
export function listeningFailed(cause: unknown, host: string, port: number): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (cause instanceof AppError || typeof code !== 'string') return cause;
  const isTaken = code === 'EADDRINUSE';
  return new AppError(
    isTaken ? 'address-taken' : 'address-unusable',
    `Nothing can listen at ${host}:${port}.`,
    {
      hint: isTaken
        ? 'Another program does: give another port.'
        : 'Look at the address: is it one of this machine?',
      cause,
    },
  );
}
