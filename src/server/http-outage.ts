import type { FastifyBaseLogger } from 'fastify';

/** What the world has taken away for a while, and a request can be tried again: a database, a disk that has room. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const named = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (OUTAGE_CODES.has(named) || STARTING_UP.test(named)) return true;
  // The socket of a database on this machine is gone.
  if (named === 'ENOENT' && 'syscall' in error && error.syscall === 'connect') return true;
  // What the driver of PostgreSQL says of a connection that ended under a query has no code.
  return /Connection terminated|connection error and is not queryable/.test(error.message);
}

const OUTAGE_CODES: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'database-unwritable',
]);

/** PostgreSQL is shutting down, has crashed, or cannot be connected to yet; or has no more connections. */
const STARTING_UP = /^(?:57P0[123]|53300)$/;

/** Tells of an outage once, and again while it lasts: a thousand runners ask again and again. */
export function createOutageLog(log: FastifyBaseLogger, now: () => number): (error: unknown) => void {
  let told = Number.NEGATIVE_INFINITY;
  let more = 0;
  return (error) => {
    if (now() - told < TELL_EVERY_MS) {
      more += 1;
      return;
    }
    log.error({ err: error, more }, 'The database or the disk is away: requests are answered with 503');
    told = now();
    more = 0;
  };
}

const TELL_EVERY_MS = 10_000;
