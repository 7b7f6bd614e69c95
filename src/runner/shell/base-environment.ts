import { homedir, userInfo } from 'node:os';

/** What a job's scripts find in their environment before their own variables. */
export type BaseEnvironment = Readonly<Record<string, string>>;

/**
 * The least that programs expect. Nothing of the environment this process was started in gets through: a job must
 * run the same for everybody, and a person's tokens are not the job's.
 */
export function baseEnvironment(options: {
  readonly searchPath: string;
  readonly home: string;
  readonly shell: string;
}): BaseEnvironment {
  const username = userName();
  return {
    PATH: options.searchPath,
    HOME: options.home,
    USER: username,
    LOGNAME: username,
    SHELL: options.shell,
    LANG: 'C.UTF-8',
    TERM: 'dumb',
  };
}

/** Where an operating system keeps its programs, most local first. */
export function systemSearchPath(platform: NodeJS.Platform): string {
  const system = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  return platform === 'darwin' ? `/opt/homebrew/bin:/opt/homebrew/sbin:${system}` : system;
}

/** The person's home; null when the account has none (a container's arbitrary user is in no password file). */
export function homeFolder(): string | null {
  try {
    return homedir();
  } catch {
    return null;
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'nobody');
  }
}
