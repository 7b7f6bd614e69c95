import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import type { Io } from '../io.ts';
import { readHiddenValue } from '../read-hidden-value.ts';

/** Where a token may be. */
export interface GivenToken {
  readonly value: string | undefined;
  /** `-` is standard input. */
  readonly file: string | undefined;
  /** A variable of the environment. */
  readonly variable: string;
}

/** A token from where it was given; null when it was not. @throws AppError `no-runner-token` */
export async function givenToken(io: Io, { value, file, variable }: GivenToken): Promise<string | null> {
  if (value !== undefined) return checked(value);
  if (file === '-') return checked(await readHiddenValue(io, 'Token'));
  if (file !== undefined) return checked(await readToken(resolve(io.folder, file)));
  const found = io.environment[variable];
  return found === undefined || found === '' ? null : checked(found);
}

/** As `givenToken`; what was not given is asked for. */
export async function tokenOrAsk(io: Io, given: GivenToken): Promise<string> {
  return (await givenToken(io, given)) ?? checked(await readHiddenValue(io, 'Token of the runner'));
}

async function readToken(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('no-runner-token', `The token cannot be read: ${reason}.`, { cause });
  }
}

/** It becomes part of a header. */
function checked(text: string): string {
  const token = text.trim();
  if (/^[!-~]{1,1000}$/.test(token)) return token;
  throw new AppError('no-runner-token', token === '' ? 'The token is empty.' : 'That is no token.', {
    hint: 'Make a runner on the server, and give what it shows: it begins with glrt-.',
  });
}
