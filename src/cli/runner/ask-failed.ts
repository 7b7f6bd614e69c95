import { AppError } from '../../base/app-error.ts';

/** What a server did not do for a runner, for a person. */
export function refusal(
  url: string,
  answer: { readonly kind: 'refused' | 'away'; readonly reason: string },
): AppError {
  if (answer.kind === 'away') {
    return new AppError('server-away', `${url} does not answer as it should: ${answer.reason}.`, {
      hint: 'Look at the address, and whether the server is up and can be reached from here.',
    });
  }
  return new AppError('runner-refused', `${url} does not know this token: ${answer.reason}.`, {
    hint: 'The runner may have been removed on the server: make a new one there, and register it here.',
  });
}
