import type { SlotLimits } from './slots.ts';

export interface GitLimits {
  /** Of what a client sends to ask for objects; git's own limit. */
  readonly fetchRequestBytes: number;
  /** Of one push. */
  readonly pushBytes: number;
  /** An exchange in which nothing moves for so long is ended. */
  readonly idleMs: number;
  /** git processes at once; a key is a user, or an address without one. */
  readonly processes: SlotLimits;
}

export const GIT_LIMITS: GitLimits = {
  fetchRequestBytes: 10 * 1024 * 1024,
  pushBytes: 10 * 1024 * 1024 * 1024,
  idleMs: 60_000,
  processes: { all: 64, perKey: 16, waiting: 2_000, waitMs: 30_000 },
};
