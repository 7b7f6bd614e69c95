import { createServer, type Socket } from 'node:net';
import type { Connection } from 'ssh2';
import { GIT_LIMITS, type GitLimits } from '../limits.ts';
import type { GitSurroundings } from '../ports.ts';
import type { Repositories } from '../repositories.ts';
import { createSlots } from '../slots.ts';
import { hostKey } from './host-key.ts';
import { serveConnection } from './ssh-connection.ts';
import { fingerprintOf } from './ssh-key.ts';
import { SSH_LIMITS, type SshLimits } from './ssh-limits.ts';

export interface GitSshOptions {
  readonly repositories: Repositories;
  readonly surroundings: GitSurroundings;
  /** Where the host key is, or will be. */
  readonly keyFolder: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly host: string;
  readonly gitLimits?: Partial<GitLimits>;
  readonly limits?: Partial<SshLimits>;
}

export interface GitSsh {
  readonly port: number;
  /** `SHA256:…`: what a client asks about the first time. */
  readonly fingerprint: string;
  /** Takes no more connections and ends those that there are. */
  close(): Promise<void>;
}

/**
 * Serves repositories over SSH to the user `git`: fetch and push by public key, and nothing else; no shell, no terminal,
 * no forwarding, no password.
 * @throws AppError `host-key-unusable`, and what listening fails with.
 */
export async function startGitSsh(options: GitSshOptions): Promise<GitSsh> {
  const { default: ssh2 } = await import('ssh2');
  const key = await hostKey(options.keyFolder);
  const gitLimits = { ...GIT_LIMITS, ...options.gitLimits };
  const limits = { ...SSH_LIMITS, ...options.limits };
  const slots = createSlots(gitLimits.processes);
  const strangers = new Map<string, Socket>();
  const friends = new Set<Socket>();

  const ssh = new ssh2.Server({ hostKeys: [key], ident: 'Slipway', algorithms: ALGORITHMS });
  ssh.on('connection', (connection: Connection, client: { readonly ip: string; readonly port: number }) => {
    const id = `${client.ip} ${client.port}`;
    const socket = strangers.get(id);
    // It went while it said hello.
    if (socket === undefined) return connection.end();
    return serveConnection({
      ...{ ssh2, connection, socket, gitLimits, limits, slots },
      repositories: options.repositories,
      surroundings: options.surroundings,
      admit() {
        strangers.delete(id);
        if (friends.size >= limits.connections) return false;
        friends.add(socket);
        return true;
      },
      drop() {
        connection.end();
        setTimeout(() => socket.destroy(), GOODBYE_MS).unref();
      },
    });
  });

  const listener = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    const address = socket.remoteAddress ?? '';
    const id = `${address} ${socket.remotePort}`;
    // Each of its channels listens to it.
    socket.setMaxListeners(10 + 4 * limits.sessions);
    socket.on('error', () => socket.destroy());
    const ofAddress = [...strangers.keys()].filter((each) => each.startsWith(`${address} `)).length;
    if (ofAddress >= limits.strangersPerAddress) return void socket.destroy();
    if (strangers.size >= limits.strangers) [...strangers.values()][0]?.destroy();
    strangers.set(id, socket);
    const hello = setTimeout(() => {
      if (strangers.get(id) === socket) socket.destroy();
    }, limits.loginMs);
    socket.once('close', () => {
      clearTimeout(hello);
      if (strangers.get(id) === socket) strangers.delete(id);
      friends.delete(socket);
    });
    ssh.injectSocket(socket);
    // Answers that nobody fetches must not pile up.
    return void socket.on('data', () => {
      if (socket.writableLength > MAX_UNSENT) socket.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(options.port, options.host, resolve);
  });
  const bound = listener.address();
  const own = ssh2.utils.parseKey(key);
  if (own instanceof Error) throw own;
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : options.port,
    fingerprint: fingerprintOf(own.getPublicSSH()),
    async close() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      for (const socket of [...strangers.values(), ...friends]) socket.destroy();
      await closed;
    },
  };
}

/** What is said when a connection ends may take so long to be heard. */
const GOODBYE_MS = 1_000;

/** More than a channel ever has under way. */
const MAX_UNSENT = 16 * 1024 * 1024;

/**
 * What OpenSSH speaks since 6.5 and is quick in Node: no key exchange that takes the one thread a tenth of a second, no
 * cipher in JavaScript, no compression, which a client could make a bomb of.
 */
const ALGORITHMS = {
  kex: [
    ...(['curve25519-sha256', 'curve25519-sha256@libssh.org'] as const),
    ...(['ecdh-sha2-nistp256', 'ecdh-sha2-nistp384', 'ecdh-sha2-nistp521'] as const),
  ],
  cipher: [
    ...(['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com'] as const),
    ...(['aes128-ctr', 'aes192-ctr', 'aes256-ctr'] as const),
  ],
  hmac: [
    ...(['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com'] as const),
    ...(['hmac-sha2-256', 'hmac-sha2-512'] as const),
  ],
  compress: ['none' as const],
};
