import { type GitProcess, startServerGit } from '../git-process.ts';
import type { GitLimits } from '../limits.ts';
import type { GitSurroundings, GitUser, OpenedRepository } from '../ports.ts';
import type { Repositories } from '../repositories.ts';
import type { Slots } from '../slots.ts';
import type { SshChannel } from './ssh-channel.ts';

/** One command of a connection. */
export interface SshSession {
  readonly channel: SshChannel;
  readonly command: string;
  /** What the client said with the variable GIT_PROTOCOL, or nothing. */
  readonly protocol: string;
  /** Whose key the connection has come with; null: it is nobody's any more. */
  identify(): Promise<GitUser | null>;
  readonly repositories: Repositories;
  readonly surroundings: GitSurroundings;
  readonly limits: GitLimits;
  readonly slots: Slots;
}

/** One that may be carried out. */
export interface SshExchange extends SshSession {
  readonly user: GitUser;
  readonly repository: OpenedRepository;
}

/** git on the repository of an exchange. `rules`: for its hook, as a push has them. */
export function startSshGit(
  { repositories, repository, limits, protocol }: SshExchange,
  command: readonly string[],
  rules: Readonly<Record<string, string>>,
): GitProcess {
  const { mayPush, project } = repository;
  const asksAboutRefs = Object.keys(rules).length > 0;
  const config = repositories.config(asksAboutRefs, { mayPush, maxPushBytes: limits.pushBytes });
  return startServerGit([...command, repositories.folderOf(project.id)], config, {
    ...(/^[a-z0-9=:.-]{1,200}$/.test(protocol) ? { GIT_PROTOCOL: protocol } : {}),
    ...rules,
  });
}
