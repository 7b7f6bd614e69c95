import { runGitOverNetwork } from '../../../base/git-network.ts';
import { createBackoff } from '../backoff.ts';
import { isThisMachine } from '../server/proxies.ts';
import { sleep } from '../sleep.ts';
import type { FetchSurroundings } from './mirror.ts';
import { credentialConfig, type RepositoryAddress } from './repository-address.ts';

export interface NetworkGitCall {
  readonly folder: string;
  readonly args: readonly string[];
  /** More configuration, `name=value` each. */
  readonly config: readonly string[];
  readonly address: RepositoryAddress;
  readonly surroundings: Omit<FetchSurroundings, 'folder'>;
}

/**
 * Runs a git command that reaches a job's server, with the job's token in the environment. While the server is away it
 * tries again, for a minute or more: as for everything else that a job wants of its server.
 *
 * @returns what went wrong, one line of git's; null when it has worked.
 * @throws the signal's reason when aborted.
 */
export async function networkGit(call: NetworkGitCall): Promise<string | null> {
  const { clock, random, signal, log } = call.surroundings;
  const backoff = createBackoff(500, 15_000, random);
  for (let attempt = 1; ; attempt += 1) {
    const failure = await runOnce(call);
    if (failure === null || !AWAY.test(failure.all) || attempt === MOST_ATTEMPTS)
      return failure?.line ?? null;
    if (attempt === 1)
      await log.line(`WARNING: ${failure.line}; trying again until the server is back.`, 'warning');
    await sleep(clock, backoff.next(0), signal);
    signal.throwIfAborted();
  }
}

const MOST_ATTEMPTS = 12;

/** What git and curl say of a server that is not there, or that goes away in the middle. */
const AWAY =
  /could not resolve|failed to connect|couldn't connect|connection (?:refused|reset|timed out)|operation timed out|empty reply|returned error: (?:429|5\d\d)|RPC failed|early EOF|hung up unexpectedly|unexpected disconnect|recv failure|send failure|transfer closed|SSL_ERROR_SYSCALL/i;

async function runOnce(
  call: NetworkGitCall,
): Promise<{ readonly line: string; readonly all: string } | null> {
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
  if (result.ended === 'time') {
    return { line: `git took longer than ${TIME_LIMIT_MS / 60_000} minutes`, all: '' };
  }
  const { password } = address;
  const all = password === '' ? result.stderr : result.stderr.replaceAll(password, '[MASKED]');
  const lines = all.split('\n').filter((line) => line.trim() !== '');
  return { line: lines.find((text) => /^(?:fatal|error):/.test(text)) ?? lines[0] ?? 'git failed', all };
}

const PASSWORD = 'SLIPWAY_FETCH_TOKEN';
/** The job's own time ends it before. */
const TIME_LIMIT_MS = 60 * 60 * 1000;
