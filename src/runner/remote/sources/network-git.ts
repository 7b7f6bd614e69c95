import { runGitOverNetwork } from '../../../base/git-network.ts';
import { isThisMachine } from '../server/proxies.ts';
import type { FetchSurroundings } from './mirror.ts';
import { credentialConfig, type RepositoryAddress } from './repository-address.ts';

export interface NetworkGitCall {
  readonly folder: string;
  readonly args: readonly string[];
  /** More configuration, `name=value` each. */
  readonly config: readonly string[];
  readonly address: RepositoryAddress;
  readonly surroundings: Pick<FetchSurroundings, 'environment' | 'certificatesFile' | 'signal'>;
}

/**
 * Runs a git command that reaches a job's server, with the job's token in the environment.
 *
 * @returns what went wrong, one line of git's; null when it has worked.
 * @throws the signal's reason when aborted.
 */
export async function networkGit(call: NetworkGitCall): Promise<string | null> {
  const { address, folder, args } = call;
  const { environment, certificatesFile, signal } = call.surroundings;
  const credentials = credentialConfig(address.origin, address.user, PASSWORD);
  const result = await runGitOverNetwork({
    folder,
    args,
    protocol: address.protocol,
    config: [
      // The server has checked what it was pushed, and old repositories have flaws that nobody can mend.
      'fetch.fsckObjects=false',
      'http.proactiveAuth=basic',
      ...credentials.map(([name, value]) => `${name}=${value}`),
      ...(certificatesFile === null ? [] : [`http.sslCAInfo=${certificatesFile}`]),
      ...(isThisMachine(new URL(address.url).hostname) ? ['http.proxy='] : []),
      ...call.config,
    ],
    secrets: { [PASSWORD]: address.password },
    environment,
    timeLimitMs: TIME_LIMIT_MS,
    signal,
  });
  signal.throwIfAborted();
  if (result.ok) return null;
  if (result.ended === 'time') return `git took longer than ${TIME_LIMIT_MS / 60_000} minutes`;
  const lines = result.stderr.split('\n').filter((line) => line.trim() !== '');
  const line = lines.find((text) => /^(?:fatal|error):/.test(text)) ?? lines[0] ?? 'git failed';
  return address.password === '' ? line : line.replaceAll(address.password, '[MASKED]');
}

const PASSWORD = 'SLIPWAY_FETCH_TOKEN';
/** The job's own time ends it before. */
const TIME_LIMIT_MS = 60 * 60 * 1000;
