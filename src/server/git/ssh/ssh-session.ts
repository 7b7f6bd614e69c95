import { writeTo } from '../write-to.ts';
import type { SshChannel } from './ssh-channel.ts';
import { readSshCommand } from './ssh-command.ts';
import { type SshExchange, type SshSession, startSshGit } from './ssh-git.ts';
import { servePush } from './ssh-push.ts';

/** Carries out one command and ends the channel with its exit code. Never fails. */
export async function serveSshSession(session: SshSession): Promise<void> {
  const { channel, command, surroundings } = session;
  const asked = readSshCommand(command);
  let code = 1;
  try {
    if (asked.kind === 'unknown')
      channel.say('Only git fetch and git push are served here. There is no shell.');
    else if (asked.kind === 'no-project') channel.say('No project can have this path: it is GROUP/NAME.');
    else code = await serveProject(session, asked.project, asked.service);
  } catch (error) {
    const project = asked.kind === 'git' ? asked.project : '';
    if (!channel.gone.aborted) {
      surroundings.failed(error, { project, action: 'serve git over SSH' });
      channel.say('The server could not do it.');
    }
  } finally {
    await channel.end(code);
  }
}

/** The exit code. */
async function serveProject(
  session: SshSession,
  project: string,
  service: 'upload-pack' | 'receive-pack',
): Promise<number> {
  const { channel, surroundings, slots } = session;
  // A connection may be older than the removal of its key.
  const user = await session.identify();
  if (user === null) return refuse(channel, 'This key is no longer known here.');
  const repository = await surroundings.access.open(project, user);
  if (repository === null) return refuse(channel, `There is no project ${project}, or you may not see it.`);
  if (service === 'receive-pack' && !repository.mayPush) {
    return refuse(channel, `You may not push to ${project}.`);
  }
  const leave = await slots.take(user.id, channel.gone);
  if (leave === null) return refuse(channel, 'Too many are using git here just now. Try again.');
  try {
    const exchange = { ...session, user, repository };
    return service === 'receive-pack' ? await servePush(exchange) : await serveFetch(exchange);
  } finally {
    leave();
  }
}

function refuse(channel: SshChannel, line: string): number {
  channel.say(line);
  return 1;
}

async function serveFetch(exchange: SshExchange): Promise<number> {
  const { channel } = exchange;
  const git = startSshGit(exchange, ['upload-pack', '--strict'], {});
  channel.gone.addEventListener('abort', () => git.end());
  channel.input.on('error', () => git.end()).pipe(git.child.stdin);
  for await (const chunk of git.child.stdout) await writeTo(channel.output, chunk);
  // What the client must know git has told it; its complaints name folders of this machine.
  return (await git.ended) ?? 1;
}
