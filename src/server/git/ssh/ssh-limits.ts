export interface SshLimits {
  /** Connections of people who have shown who they are. */
  readonly connections: number;
  /** Connections of strangers: with one more, the oldest of them goes. */
  readonly strangers: number;
  readonly strangersPerAddress: number;
  /** Who has not shown a key by then, or asks for nothing, is let go. */
  readonly loginMs: number;
  /** Keys that may be tried in one connection. */
  readonly attempts: number;
  /** Commands at once in one connection. */
  readonly sessions: number;
}

export const SSH_LIMITS: SshLimits = {
  connections: 2_000,
  strangers: 200,
  strangersPerAddress: 50,
  loginMs: 20_000,
  attempts: 20,
  sessions: 10,
};
