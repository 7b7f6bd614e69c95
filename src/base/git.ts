import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';

/** What a git command answered. A non-zero exit is an outcome, not an exception: "no such ref" is an answer. */
export type GitResult =
  | {
      readonly ok: true;
      readonly stdout: string;
      /** Warnings, a line each. */
      readonly stderr: string;
    }
  | { readonly ok: false; readonly exitCode: number | null; readonly stderr: string };

/**
 * Runs the git program in a folder and answers with what it printed.
 *
 * The environment is clean and nothing of the repository's own configuration may start a program: a hostile
 * checkout can name hooks, file-system monitors and signature checkers. It never asks for a password, nor the network.
 * Callers put `--end-of-options` or `--` before anything that a person or a file named.
 *
 * With `latin1` each byte of the answer is one character: file names need not be UTF-8. `more` are variables for this one
 * process, such as another index.
 */
export function runGit(
  folder: string,
  args: readonly string[],
  encoding: 'utf8' | 'latin1' = 'utf8',
  more: Readonly<Record<string, string>> = {},
): Promise<GitResult> {
  // No program can be given such an argument, and a file that names a ref can hold it.
  if (args.some((arg) => arg.includes('\0'))) {
    return Promise.resolve({ ok: false, exitCode: null, stderr: 'an argument holds a NUL character' });
  }
  return new Promise((resolve) => {
    execFile(
      'git',
      [...SAFE_CONFIG, '-C', folder, ...args],
      { env: { ...gitEnvironment(process.env), ...more }, maxBuffer: MAX_OUTPUT_BYTES, encoding },
      (error, stdout, stderr) => {
        if (error === null) resolve({ ok: true, stdout, stderr });
        else {
          const exitCode = typeof error.code === 'number' ? error.code : null;
          resolve({ ok: false, exitCode, stderr: stderr === '' ? error.message : stderr });
        }
      },
    );
  });
}

/**
 * Starts a git command that answers as long as it is asked (`cat-file --batch`), as safely as `runGit`. Whoever starts it
 * ends it: it does when its input does.
 */
export function startGit(folder: string, args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn('git', [...SAFE_CONFIG, '-C', folder, ...args], { env: gitEnvironment(process.env) });
}

/**
 * Runs a git command that compares the files of a work tree with what git has of them (`diff`, `status`). For that git
 * puts changed files through the filters that `.gitattributes` names; those that the repository's own configuration
 * defines are programs of a stranger, and are left out. Filters of the person's own configuration (LFS) run.
 */
export async function runGitOnWorkTree(folder: string, args: readonly string[]): Promise<GitResult> {
  const off = await foreignFiltersOff(folder);
  if (!off.ok) return off;
  // A submodule has a configuration of its own.
  const [command = '', ...rest] = args;
  return runGit(folder, [...off.config, command, '--ignore-submodules=dirty', ...rest]);
}

/** The options that turn off filters which the repository's own configuration defines. */
export async function foreignFiltersOff(
  folder: string,
): Promise<{ readonly ok: true; readonly config: readonly string[] } | Extract<GitResult, { ok: false }>> {
  const found = await runGit(folder, [
    ...['config', '--show-scope', '--name-only', '-z'],
    ...['--get-regexp', String.raw`^filter\..*\.(clean|smudge|process|required)$`],
  ]);
  const words = found.ok ? found.stdout.split('\0') : [];
  const foreign = words.filter((_, index) => index % 2 === 1 && FOREIGN_SCOPES.has(words[index - 1] ?? ''));
  // `-c` ends a name at its first `=`, so such a filter cannot be turned off.
  const stubborn = foreign.find((name) => name.includes('='));
  if (stubborn !== undefined) {
    const stderr = `the repository's configuration defines the filter ${stubborn}, which cannot be turned off`;
    return { ok: false, exitCode: null, stderr };
  }
  const config = foreign.flatMap((name) => ['-c', `${name}=${name.endsWith('.required') ? 'false' : ''}`]);
  return { ok: true, config };
}

const FOREIGN_SCOPES: ReadonlySet<string> = new Set(['local', 'worktree']);

/** The variables a git process is given: enough to find its own configuration, nothing that redirects it. */
export function gitEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  return {
    PATH: environment.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: environment.HOME ?? '/',
    LC_ALL: 'C.UTF-8',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    // Objects that a partial clone lacks would be fetched by whatever program the repository names for it.
    GIT_ALLOW_PROTOCOL: 'none',
  };
}

/** Nothing that a repository's own configuration names is started. */
export const SAFE_CONFIG = [
  ...['-c', 'core.hooksPath=/dev/null'],
  ...['-c', 'core.fsmonitor=false'],
  ...['-c', 'log.showSignature=false'],
] as const;
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
