import { AppError } from '../../../base/app-error.ts';
import { quoteForShell } from '../../../base/quote-for-shell.ts';

/** A job's repository, with what opens it apart from where it is. */
export interface RepositoryAddress {
  /** Without a user or password. */
  readonly url: string;
  readonly protocol: 'http' | 'https';
  /** Scheme and host. */
  readonly origin: string;
  readonly user: string;
  readonly password: string;
}

/**
 * Reads the address that a server gives for a job's repository. Only HTTP: anything else could name a file or a program
 * of this machine.
 *
 * @throws AppError `sources-not-fetched`
 */
export function readRepositoryAddress(text: string): RepositoryAddress {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new AppError(
      'sources-not-fetched',
      'The server gives no address of a repository that begins with http.',
      {
        hint: 'Check what the server says of its own address (its external URL).',
      },
    );
  }
  const { username, password, origin, protocol } = url;
  url.username = '';
  url.password = '';
  return {
    url: url.href,
    protocol: protocol === 'https:' ? 'https' : 'http',
    origin,
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
}

/**
 * Configuration of git that answers with a password from the environment when this server asks: nothing secret is in a
 * command line or a file.
 *
 * @param variable the name of the variable that holds the password
 */
export function credentialConfig(
  origin: string,
  user: string,
  variable: string,
): readonly (readonly [name: string, value: string])[] {
  const quotedUser = quoteForShell(user);
  const script = `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' ${quotedUser} "$${variable}"; }; f`;
  return [
    // An empty one forgets those of the machine's own configuration, which could hold another account.
    [`credential.${origin}.helper`, ''],
    [`credential.${origin}.helper`, script],
  ];
}
