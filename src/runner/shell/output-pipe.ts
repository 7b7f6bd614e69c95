import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { AppError } from '../../base/app-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { JobLog } from '../log/job-log.ts';

/**
 * The reading end of a script's output, and a writing end that keeps it open until the script has ended.
 *
 * It is a named pipe and not what `spawn` makes: that is a socket, and a script that opens /dev/stdout or
 * /proc/self/fd/1 (the log settings of many daemons do) gets ENXIO for a socket.
 */
export interface OutputPipe {
  /** For a script that this process starts; one that opens the pipe by its name does not need it. */
  readonly writingEnd: number;
  /**
   * Copies to the log, no faster than the log takes it, until `close` was called and every other writer is gone too.
   * @throws what the log throws
   */
  pump(log: JobLog): Promise<void>;
  /** The script has ended; what it wrote is still copied. */
  close(): void;
  /**
   * After `close`: ends `pump` although there may be writers left, once they are quiet or have written more than the
   * script can have left in the pipe. For where leftover processes cannot all be found.
   */
  abandonWriters(clock: Clock): void;
}

/**
 * Opens a named pipe that a job could have replaced: it follows no link and accepts nothing but a pipe.
 * @throws AppError `job-output-replaced`
 */
export function openOutputPipe(path: string): OutputPipe {
  const { O_RDONLY, O_WRONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  const reading = openPipe(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  // Blocking, because scripts inherit it; it cannot block here, because the reading end is open.
  const writingEnd = openSync(process.platform === 'linux' ? `/proc/self/fd/${reading}` : path, O_WRONLY);
  const output = new Socket({ fd: reading, readable: true, writable: false });
  let remaining = Number.POSITIVE_INFINITY;
  let idle = true;
  let received = 0;

  async function pump(log: JobLog): Promise<void> {
    for await (const bytes of output as AsyncIterable<Buffer>) {
      idle = false;
      await log.write(bytes);
      idle = true;
      received += bytes.length;
      remaining -= bytes.length;
      if (remaining < 0) break;
    }
  }

  function abandonWhenQuiet(clock: Clock, receivedBefore: number): void {
    clock.after(QUIET_MILLISECONDS, () => {
      if (output.destroyed) return;
      if (idle && received === receivedBefore) output.push(null);
      else abandonWhenQuiet(clock, received);
    });
  }

  return {
    writingEnd,
    pump,
    close: () => closeSync(writingEnd),
    abandonWriters(clock) {
      remaining = LARGEST_PIPE_BYTES;
      abandonWhenQuiet(clock, -1);
    },
  };
}

function openPipe(path: string, flags: number): number {
  const text = `A script of the job removed or replaced the pipe of its output, ${path}.`;
  let opened: number;
  try {
    opened = openSync(path, flags);
  } catch (cause) {
    throw new AppError('job-output-replaced', text, { cause });
  }
  if (fstatSync(opened).isFIFO()) return opened;
  closeSync(opened);
  throw new AppError('job-output-replaced', text);
}

const QUIET_MILLISECONDS = 100;

/** The most that Linux lets an ordinary user keep in a pipe (/proc/sys/fs/pipe-max-size), and what may be on its way. */
const LARGEST_PIPE_BYTES = 2 * 1024 * 1024;
