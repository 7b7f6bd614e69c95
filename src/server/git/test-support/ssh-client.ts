import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type GitKey, readSshKey, type SshLimits, startGitSsh } from '../index.ts';
import { clientWith, type Ran, startTestServer, type TestServer } from './git-server.ts';

const run = promisify(execFile);

/** The test server, over SSH: `ada` may push, `bob` may read `open/lib`, `eve`'s key is nobody's. */
export interface TestSsh extends TestServer {
  readonly port: number;
  readonly fingerprint: string;
  /** As when a key is removed. */
  forgetKeys(): void;
  /** A folder of the clients. */
  readonly home: string;
  /** The address of a project. */
  ssh(project: string): string;
  /** git with somebody's key. */
  git(who: Person, folder: string, ...args: readonly string[]): Promise<Ran>;
  /** OpenSSH's own client, with options and a command. */
  openssh(who: Person, ...args: readonly string[]): Promise<Ran>;
  /** What `ssh` is called with. */
  options(who: Person): readonly string[];
}

export type Person = 'ada' | 'bob' | 'eve' | 'rsa';

export async function startTestSsh(
  limits: Partial<SshLimits> = {},
  gitLimits: Parameters<typeof startTestServer>[0] = {},
): Promise<TestSsh> {
  const server = await startTestServer(gitLimits);
  const home = await mkdtemp(join(tmpdir(), 'slipway-ssh-'));
  const keys = new Map<string, string>();
  for (const who of ['ada', 'bob', 'eve', 'rsa'] as const) {
    const path = join(home, who);
    const type =
      who === 'rsa' ? ['-t', 'rsa', '-b', '2048'] : who === 'bob' ? ['-t', 'ecdsa'] : ['-t', 'ed25519'];
    await run('ssh-keygen', ['-q', ...type, '-N', '', '-C', who, '-f', path]);
    const read = readSshKey(await readFile(`${path}.pub`, 'utf8'));
    if (read.kind === 'refused') throw new Error(read.why);
    keys.set(read.key.fingerprint, who === 'rsa' ? 'ada' : who);
  }
  const access = {
    ...server.surroundings.access,
    async identifyKey({ fingerprint }: GitKey) {
      const id = keys.get(fingerprint);
      return id === undefined || id === 'eve' ? null : { id, name: id };
    },
  };
  const ssh = await startGitSsh({
    repositories: server.repositories,
    surroundings: { ...server.surroundings, access },
    keyFolder: join(server.root, 'keys'),
    port: 0,
    host: '127.0.0.1',
    limits,
    gitLimits,
  });
  await mkdir(join(home, '.ssh'));
  const known = join(home, 'known_hosts');
  await writeFile(known, '');
  const options = (who: Person): readonly string[] => [
    ...['-F', '/dev/null', '-i', join(home, who), '-p', String(ssh.port)],
    ...['-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-o', `UserKnownHostsFile=${known}`],
    ...['-o', 'StrictHostKeyChecking=accept-new', '-o', 'LogLevel=ERROR'],
  ];
  return Object.assign(server, {
    home,
    port: ssh.port,
    fingerprint: ssh.fingerprint,
    options,
    forgetKeys: () => keys.clear(),
    ssh: (project: string) => `ssh://git@127.0.0.1:${ssh.port}/${project}.git`,
    git: (who: Person, folder: string, ...args: readonly string[]) =>
      clientWith({ GIT_SSH_COMMAND: ['ssh', ...options(who)].join(' ') }, folder, ...args),
    openssh: (who: Person, ...args: readonly string[]) => runSsh([...options(who), ...args]),
    close: ((closeHttp) => async () => {
      await ssh.close();
      await closeHttp();
    })(server.close),
  });
}

function runSsh(args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn('ssh', args, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH } });
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      said.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      said.stderr += chunk;
    });
    child.once('close', (code) => resolve({ code: code ?? -1, ...said }));
  });
}
