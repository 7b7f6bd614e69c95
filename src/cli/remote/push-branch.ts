import { AppError } from '../../base/app-error.ts';
import { runGitOverNetwork } from '../../base/git-network.ts';

export interface BranchPush {
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly repository: string;
  readonly token: string;
  readonly branch: string;
  /** null: the branch is removed. */
  readonly sha: string | null;
  /** `git push -o`. They may hold secrets. */
  readonly options: readonly string[];
  readonly callerEnvironment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/**
 * Pushes a commit as a branch, or removes the branch. Answers with what the server said. The token and the options are in
 * no argument, where others could see them, and go to this repository alone, wherever the configuration leads to.
 *
 * @throws AppError `push-failed`.
 */
export async function pushBranch(push: BranchPush): Promise<string> {
  const { repository, token, branch, sha, options } = push;
  const basic = Buffer.from(`slipway:${token}`).toString('base64');
  const settings = [
    [`http.${repository}.extraHeader`, `Authorization: Basic ${basic}`] as const,
    // Not those that the person's configuration has for every push.
    ['push.pushOption', ''] as const,
    ...options.map((option) => ['push.pushOption', option] as const),
  ];
  const result = await runGitOverNetwork({
    folder: push.root,
    args: [
      ...['push', '--quiet', '--no-verify', '--no-follow-tags', '--recurse-submodules=no', '--no-signed'],
      ...['--end-of-options', repository, `${sha ?? ''}:refs/heads/${branch}`],
    ],
    protocol: repository.startsWith('https:') ? 'https' : 'http',
    // No other program is asked for credentials; and a server may think about a large push for a while.
    config: ['credential.helper=', 'http.lowSpeedTime=300'],
    secrets: {
      ...push.environment,
      GIT_CONFIG_COUNT: String(settings.length),
      ...Object.fromEntries(
        settings.flatMap(([key, value], at) => [
          [`GIT_CONFIG_KEY_${at}`, key],
          [`GIT_CONFIG_VALUE_${at}`, value],
        ]),
      ),
    },
    environment: push.callerEnvironment,
    timeLimitMs: HOUR_MS,
    ...(push.signal === undefined ? {} : { signal: push.signal }),
  });
  if (result.ok) return result.stderr;
  throw new AppError('push-failed', `Git could not push to ${repository}: ${result.stderr.trim()}`, {
    hint: 'May this token push to the project?',
  });
}

const HOUR_MS = 3_600_000;
