import { execFile } from 'node:child_process';

/** What a git command answered. A non-zero exit is an outcome, not an exception: "no such ref" is an answer. */
export type GitResult =
  | { readonly ok: true; readonly stdout: string }
  | { readonly ok: false; readonly exitCode: number | null; readonly stderr: string };

/**
 * Runs the git program in a folder and answers with what it printed.
 *
 * The environment is clean and nothing of the repository's own configuration may start a program: a hostile
 * checkout can name hooks and file-system monitors. It never asks for a password. Callers put
 * `--end-of-options` or `--` before anything that a person or a file named.
 */
export function runGit(folder: string, args: readonly string[]): Promise<GitResult> {
  // No program can be given such an argument, and a file that names a ref can hold it.
  if (args.some((arg) => arg.includes('\0'))) {
    return Promise.resolve({ ok: false, exitCode: null, stderr: 'an argument holds a NUL character' });
  }
  return new Promise((resolve) => {
    execFile(
      'git',
      [...SAFE_CONFIG, '-C', folder, ...args],
      { env: gitEnvironment(process.env), maxBuffer: MAX_OUTPUT_BYTES, encoding: 'utf8' },
      (error, stdout, stderr) => {
        if (error === null) resolve({ ok: true, stdout });
        else {
          const exitCode = typeof error.code === 'number' ? error.code : null;
          resolve({ ok: false, exitCode, stderr: stderr === '' ? error.message : stderr });
        }
      },
    );
  });
}

/** The variables a git process is given: enough to find its own configuration, nothing that redirects it. */
export function gitEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  return {
    PATH: environment.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: environment.HOME ?? '/',
    LC_ALL: 'C.UTF-8',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
  };
}

const SAFE_CONFIG = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false'] as const;
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
