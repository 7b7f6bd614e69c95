import type { Socket } from 'node:net';
import { type Readable, Transform, Writable } from 'node:stream';
import type { ServerChannel } from 'ssh2';

/** The two directions of a channel, as streams that end when it does, or the connection. */
export interface SshChannel {
  readonly input: Readable;
  readonly output: Writable;
  /** Aborted once nobody is there any more. */
  readonly gone: AbortSignal;
  /** A line for the person at the other end. */
  say(line: string): void;
  /** When all that was written is sent: says the exit code and ends the channel. */
  end(code: number): Promise<void>;
  /** Treats the other side as gone. */
  leave(): void;
}

/**
 * The library waits for the channel's window, which is what the other side says, but not for the connection: somebody who
 * promises to read much and reads nothing would fill the memory. Here what is written waits for both; what is read stops
 * at `maxBytes`.
 */
export function openChannel(
  channel: ServerChannel,
  socket: Socket,
  { maxBytes, onBytes }: { readonly maxBytes: number; readonly onBytes: (count: number) => void },
): SshChannel {
  const leaving = new AbortController();
  const gone = leaving.signal;
  const leave = (): void => leaving.abort();
  channel.once('close', leave).on('error', leave);
  socket.once('close', leave);
  const input = boundedInput(channel, maxBytes, onBytes, leave);
  // Who sends more than the window allows is not stopped by the library.
  const watchWindow = (): void => {
    if (channel.readableLength > MAX_UNREAD) socket.destroy();
  };
  socket.on('data', watchWindow);
  gone.addEventListener('abort', () => {
    socket.off('close', leave).off('data', watchWindow);
    channel.unpipe(input);
    // It may hold more than a window, which nobody will read.
    channel.resume();
    input.end();
  });
  const output = pacedOutput(channel, socket, gone, onBytes);
  return {
    input,
    output,
    gone,
    say: (line) => void (gone.aborted || channel.stderr.write(`${line}\n`)),
    async end(code) {
      await new Promise<void>((resolve) => output.end(resolve));
      if (!gone.aborted) channel.exit(code);
      channel.end();
      leave();
    },
    leave() {
      channel.close();
      leave();
    },
  };
}

function boundedInput(
  channel: ServerChannel,
  maxBytes: number,
  onBytes: (count: number) => void,
  leave: () => void,
): Transform {
  let bytes = 0;
  const input = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      onBytes(chunk.length);
      if (bytes > maxBytes) leave();
      done(null, bytes > maxBytes ? undefined : chunk);
    },
  });
  return channel.pipe(input);
}

function pacedOutput(
  channel: ServerChannel,
  socket: Socket,
  gone: AbortSignal,
  onBytes: (count: number) => void,
): Writable {
  let next: (() => void) | null = null;
  function proceed(): void {
    const waiting = next;
    next = null;
    waiting?.();
  }
  function whenSent(): void {
    if (gone.aborted || socket.writableLength < MAX_UNSENT) proceed();
    else socket.once('drain', whenSent);
  }
  gone.addEventListener('abort', () => {
    socket.off('drain', whenSent);
    proceed();
  });
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (gone.aborted) return done();
      next = () => {
        onBytes(chunk.length);
        done();
      };
      channel.write(chunk, whenSent);
    },
  });
}

/** Twice the window that the library gives. */
const MAX_UNREAD = 4 * 1024 * 1024;
const MAX_UNSENT = 512 * 1024;
