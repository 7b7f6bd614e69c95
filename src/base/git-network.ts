import { spawn } from 'node:child_process';
import { atTheEnd } from './at-the-end.ts';
import { type GitResult, gitEnvironment, SAFE_CONFIG } from './git.ts';

export interface NetworkGit {
  readonly folder: string;
  readonly args: readonly string[];
  /** The only one that git may speak. */
  readonly protocol: 'https' | 'http' | 'ssh';
  /** More configuration, `name=value` each. It is seen by everybody on the machine: no secrets. */
  readonly config: readonly string[];
  /** What only this process and its children see: secrets. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The person's: where git finds its configuration, keys and proxies. */
  readonly environment: NodeJS.ProcessEnv;
  readonly timeLimitMs: number;
  /** Asked now and then; git is ended once it says so. */
  readonly isTooLarge?: () => boolean;
  /** Ends it, and everything it has started. */
  readonly signal?: AbortSignal;
}

/** `ended`: why it was stopped before it was done. */
export type NetworkGitResult = GitResult & { readonly ended: 'time' | 'size' | 'aborted' | null };

/**
 * Runs a git command that reaches a server. The environment is as clean as that of `runGit`, but for what reaching
 * another machine needs; it never asks for a password, follows no redirect (credentials would go along), and speaks one
 * protocol. It and all that it starts end after the time limit, and when this process does. Callers put `--end-of-options` before what others named.
 */
export function runGitOverNetwork(request: NetworkGit): Promise<NetworkGitResult> {
  const { folder, args, protocol, config, timeLimitMs, isTooLarge, signal } = request;
  const settings = [...NETWORK_CONFIG, `protocol.${protocol}.allow=always`, ...config];
  const child = spawn(
    'git',
    [...SAFE_CONFIG, ...settings.flatMap((setting) => ['-c', setting]), '-C', folder, ...args],
    // A process group of its own: git starts helpers that would outlive it.
    { env: networkEnvironment(request), stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  let ended: NetworkGitResult['ended'] = null;
  const end = (why: NonNullable<NetworkGitResult['ended']>) => {
    ended ??= why;
    if (child.pid !== undefined) endGroup(child.pid);
  };
  // Interrupted with Ctrl-C or by another program, a group of its own would be left waiting for its server.
  const left = atTheEnd(() => end('time'));
  const timer = setTimeout(() => end('time'), timeLimitMs);
  const watch = isTooLarge === undefined ? null : setInterval(() => isTooLarge() && end('size'), WATCH_MS);
  const abort = () => end('aborted');
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted === true) abort();
  const stdout = collect(child.stdout, () => end('size'));
  const stderr = collect(child.stderr, () => end('size'));
  return new Promise((resolve) => {
    const done = (result: GitResult) => {
      left();
      signal?.removeEventListener('abort', abort);
      clearTimeout(timer);
      if (watch !== null) clearInterval(watch);
      resolve({ ...result, ended });
    };
    child.once('error', (error) => done({ ok: false, exitCode: null, stderr: error.message }));
    child.once('close', (code) =>
      done(
        code === 0 && ended === null
          ? { ok: true, stdout: stdout(), stderr: stderr() }
          : { ok: false, exitCode: code, stderr: stderr() },
      ),
    );
  });
}

const NETWORK_CONFIG = [
  'protocol.allow=never',
  'protocol.version=2',
  'http.followRedirects=false',
  'http.lowSpeedLimit=1000',
  'http.lowSpeedTime=20',
  // No program may ask in git's place.
  'core.askPass=',
  'gc.auto=0',
  'maintenance.auto=false',
  'fetch.fsckObjects=true',
] as const;

const WATCH_MS = 200;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** How a person's machine reaches others. */
const PASSED_ON = [
  ...['http_proxy', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY', 'no_proxy', 'NO_PROXY'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'GIT_SSL_CAINFO', 'GIT_SSL_CAPATH', 'CURL_CA_BUNDLE'],
  ...['SSH_AUTH_SOCK', 'XDG_CONFIG_HOME', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS'],
];

function networkEnvironment({ environment, protocol, secrets }: NetworkGit): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...gitEnvironment(environment),
    ...Object.fromEntries(passed),
    GIT_ALLOW_PROTOCOL: protocol,
    GIT_ASKPASS: '',
    SSH_ASKPASS_REQUIRE: 'never',
    // ssh would ask at the terminal for a passphrase, or whether a host is to be trusted.
    GIT_SSH_COMMAND: `${environment.GIT_SSH_COMMAND ?? 'ssh'} -o BatchMode=yes`,
    ...secrets,
  };
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It is gone already.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function collect(stream: NodeJS.ReadableStream, onTooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_OUTPUT_BYTES) chunks.push(chunk);
    else onTooMuch();
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
