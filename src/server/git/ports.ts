import type { PushOptions } from './push-options.ts';
import type { RefRule } from './ref-rules.ts';
import type { RefUpdate } from './ref-update.ts';

/**
 * Who may do what: the server's answer to questions about people and projects. Every text in a question was written by a
 * stranger. Calls may overlap. What fails inside is thrown, and the client is told of an error on our side.
 */
export interface GitAccess {
  /** By HTTP Basic: a token as the password, or `gitlab-ci-token` with a job's. null: not right. */
  identify(credentials: GitCredentials): Promise<GitUser | null>;
  /** By a key whose owner has just proved to have it: a person's, or a deploy key. null: nobody's. */
  identifyKey(key: GitKey): Promise<GitUser | null>;
  /**
   * The project at a path, `group/name`. null when there is none or this user may not know of it: nobody outside learns
   * which of both. `user` is null for somebody who did not say who they are.
   */
  open(path: string, user: GitUser | null): Promise<OpenedRepository | null>;
}

export interface GitCredentials {
  readonly user: string;
  readonly password: string;
}

export interface GitKey {
  /** `ssh-ed25519` */
  readonly type: string;
  /** As authorized_keys has it, in base64. */
  readonly blob: string;
  /** `SHA256:…`, as ssh-keygen -l prints it. */
  readonly fingerprint: string;
}

export interface GitUser {
  /** The same for the same person, token or key; what limits are counted by. */
  readonly id: string;
  /** What people call them. */
  readonly name: string;
}

export interface OpenedRepository {
  readonly project: GitProject;
  /** The short name of the branch that a clone starts on; no push deletes it. */
  readonly defaultBranch: string;
  readonly mayPush: boolean;
  /** Whether this is a job, which fetches its commit by the ref of its pipeline; nobody else sees these. Absent: no. */
  readonly isJob?: boolean;
  /** What this user may do to a branch, a tag or a note; asked for each ref of a push. */
  ruleFor(update: RefUpdate): RefRule;
}

export interface GitProject {
  readonly id: number;
  /** `group/name` */
  readonly path: string;
}

/**
 * Told of what git has accepted, before the pusher is. What it has recorded when its promise is fulfilled is what an
 * acknowledged push leaves behind; it answers with lines for the pusher's terminal. The same update may be told again by
 * `reconcile`, after a crash: it is the ref and the hash that count, not the call.
 */
export interface PushReceiver {
  pushed(push: Push): Promise<readonly string[]>;
}

export interface Push {
  readonly project: GitProject;
  readonly user: GitUser | null;
  /** The refs that git has changed; never empty. */
  readonly updates: readonly RefUpdate[];
  readonly options: PushOptions;
}

/** All that serving git needs of its surroundings. */
export interface GitSurroundings {
  readonly access: GitAccess;
  readonly receiver: PushReceiver;
  /** What went wrong on our side, for the log; `about`: the project's path and what was going on. */
  failed(error: unknown, about: { readonly project: string; readonly action: string }): void;
}
