import type { Socket } from 'node:net';
import type { AuthContext, Connection, PublicKeyAuthContext, Session } from 'ssh2';
import { watchIdle } from '../idle-watch.ts';
import type { GitLimits } from '../limits.ts';
import type { GitKey, GitSurroundings, GitUser } from '../ports.ts';
import type { Repositories } from '../repositories.ts';
import type { Slots } from '../slots.ts';
import { openChannel } from './ssh-channel.ts';
import { isKeyType, keyOf } from './ssh-key.ts';
import type { SshLimits } from './ssh-limits.ts';
import { serveSshSession } from './ssh-session.ts';

export interface SshConnectionRequest {
  readonly ssh2: typeof import('ssh2');
  readonly connection: Connection;
  readonly socket: Socket;
  readonly repositories: Repositories;
  readonly surroundings: GitSurroundings;
  readonly gitLimits: GitLimits;
  readonly limits: SshLimits;
  readonly slots: Slots;
  /** The person has shown a key; false: there is no place for them. */
  admit(): boolean;
  /** Ends the connection. */
  drop(): void;
}

/**
 * One connection: a person shows one of their keys, and then asks for git's commands. Nothing else has a listener here,
 * and so the library refuses it: terminals, forwarding of ports, agents and displays, subsystems, variables.
 */
export function serveConnection(request: SshConnectionRequest): void {
  const { connection, socket, limits, drop } = request;
  let known: Identified | null = null;
  let attempts = 0;
  let sessions = 0;
  let commands = 0;
  let idle = setTimeout(drop, limits.loginMs);
  socket.once('close', () => clearTimeout(idle));
  // What a stranger sends wrong concerns nobody but them.
  connection.on('error', drop);

  connection.on('authentication', (context) => {
    attempts++;
    if (attempts > limits.attempts) return drop();
    return void identify(request, context).then((found) => {
      if (found === null) return context.reject(['publickey']);
      if (found.isProved) {
        if (!request.admit()) return drop();
        known = found;
      }
      return context.accept();
    });
  });

  connection.on('session', (accept, reject) => {
    const owner = known;
    if (owner === null || sessions >= limits.sessions) return reject();
    sessions++;
    const session = accept();
    session.once('close', () => sessions--);
    return serveSession(request, session, owner, async (work) => {
      commands++;
      clearTimeout(idle);
      await work;
      commands--;
      if (commands === 0 && !socket.destroyed) idle = setTimeout(drop, request.gitLimits.idleMs);
    });
  });
}

interface Identified {
  readonly user: GitUser;
  readonly key: GitKey;
  /** Otherwise the client only asks whether it is worth proving. */
  readonly isProved: boolean;
}

/** null: not like this. Never fails. */
async function identify(request: SshConnectionRequest, context: AuthContext): Promise<Identified | null> {
  if (context.username !== 'git' || context.method !== 'publickey') return null;
  const claim = readClaim(request, context);
  if (claim === null) return null;
  try {
    const user = await request.surroundings.access.identifyKey(claim.key);
    return user === null ? null : { user, ...claim };
  } catch (error) {
    request.surroundings.failed(error, { project: '', action: 'look up an SSH key' });
    return null;
  }
}

interface Claim {
  readonly key: GitKey;
  readonly isProved: boolean;
}

/** null when the signature is not that of the key, or made with SHA-1. */
function readClaim({ ssh2 }: SshConnectionRequest, context: PublicKeyAuthContext): Claim | null {
  const { key: given, signature, blob, hashAlgo } = context;
  if (!isKeyType(given.algo) || given.data.length > MAX_KEY_BYTES) return null;
  if (given.algo === 'ssh-rsa' && hashAlgo !== 'sha256' && hashAlgo !== 'sha512') return null;
  const key = keyOf(given.algo, given.data);
  if (signature === undefined) return { key, isProved: false };
  const parsed = ssh2.utils.parseKey(`${key.type} ${key.blob}`);
  const isProved =
    !(parsed instanceof Error) &&
    parsed.type === given.algo &&
    blob !== undefined &&
    parsed.verify(blob, signature, hashAlgo) === true;
  return isProved ? { key, isProved } : null;
}

const MAX_KEY_BYTES = 8_192;

function serveSession(
  request: SshConnectionRequest,
  session: Session,
  { user, key }: Identified,
  during: (work: Promise<void>) => Promise<void>,
): void {
  const { socket, gitLimits, repositories, surroundings, slots } = request;
  let protocol = '';
  session.on('env', (accept, reject, { key, val }) => {
    if (key !== 'GIT_PROTOCOL') return reject?.();
    protocol = val.slice(0, 1_000);
    return accept?.();
  });
  session.on('exec', (accept, _reject, { command }) => {
    const stream = accept();
    // One command a session; the library gives no second channel, whatever its types say.
    if (!stream) return;
    const watch = watchIdle(gitLimits.idleMs, 1, () => channel.leave());
    const channel = openChannel(stream, socket, { maxBytes: gitLimits.pushBytes, onBytes: watch.moved });
    const served = serveSshSession({
      ...{ channel, command, protocol, repositories, surroundings, slots },
      identify: () => surroundings.access.identifyKey(key),
      limits: gitLimits,
    });
    void during(served.finally(() => watch.stop()));
  });
  // Who tries `ssh -T git@HOST` wants to know whether their key is right.
  session.on('shell', (accept) => {
    const stream = accept();
    if (!stream) return;
    stream.stderr.write(
      `Welcome to Slipway, ${user.name}. Your key is right; there is no shell, only git.\n`,
    );
    stream.exit(0);
    stream.end();
  });
}
