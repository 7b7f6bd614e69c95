import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { AppError } from '../base/app-error.ts';
import { startGit } from '../base/git.ts';

/** What git has under a name. `too-large`: more bytes than asked for, and not read. */
export type GitObject =
  | { readonly kind: 'blob'; readonly bytes: Buffer }
  | { readonly kind: 'too-large'; readonly size: number }
  /** There is none, or it is no file. */
  | { readonly kind: 'none' };

export interface GitObjects {
  /**
   * The file that a name (`COMMIT:path`) stands for, through symbolic links that stay in the commit. A name has no line
   * break. Fails with an AppError `git-failed` when git does.
   */
  read(name: string, limit: number): Promise<GitObject>;
  /** Ends the process. What is asked then starts another. */
  close(): void;
}

/**
 * Reads objects of a repository through one `git cat-file --batch`, which is started by the first question and asked one
 * after the other. Without a question under way it does not keep the program from ending.
 */
export function openGitObjects(folder: string): GitObjects {
  let reader: Reader | null = null;
  let last: Promise<unknown> = Promise.resolve();

  async function ask(name: string, limit: number): Promise<GitObject> {
    reader ??= startReader(folder);
    try {
      const found = await readObject(reader, name, limit);
      if (found.kind === 'too-large') close();
      return found;
    } catch (error) {
      close();
      throw error;
    }
  }

  function close(): void {
    reader?.process.kill('SIGKILL');
    reader = null;
  }

  return {
    read(name, limit) {
      const answer = last.then(() => ask(name, limit));
      last = answer.catch(() => null);
      return answer;
    },
    close,
  };
}

interface Reader {
  readonly process: ChildProcessWithoutNullStreams;
  /** What git has printed and nobody has taken yet. */
  readonly chunks: Buffer[];
  length: number;
  ended: Error | null;
  /** Called when there is more, or the end. */
  wake: () => void;
}

function startReader(folder: string): Reader {
  const process = startGit(folder, ['cat-file', '--batch', '--follow-symlinks']);
  const reader: Reader = { process, chunks: [], length: 0, ended: null, wake: () => undefined };
  let complaint = '';

  function end(error: Error): void {
    reader.ended ??= error;
    reader.wake();
  }
  process.stdout.on('data', (chunk: Buffer) => {
    reader.chunks.push(chunk);
    reader.length += chunk.length;
    reader.wake();
  });
  process.stderr.on('data', (chunk: Buffer) => {
    if (complaint.length < MAX_COMPLAINT) complaint += chunk.toString();
  });
  process.on('error', (cause) => end(gitFailed(cause.message, cause)));
  process.on('close', () => end(gitFailed(complaint.trim() || 'it ended before it answered', null)));
  // Tells of a process that is gone already; `close` says why.
  process.stdin.on('error', (cause) => end(gitFailed(cause.message, cause)));
  setAwake(reader, false);
  return reader;
}

const MAX_COMPLAINT = 2_000;

function gitFailed(reason: string, cause: Error | null): AppError {
  return new AppError('git-failed', `git cannot read the repository's objects: ${reason}.`, { cause });
}

/** Streams of a child keep the program running as long as they are open: here, only while one waits for them. */
function setAwake({ process }: Reader, isAwake: boolean): void {
  const parts: readonly unknown[] = [process, process.stdin, process.stdout, process.stderr];
  for (const part of parts) if (isReferable(part)) isAwake ? part.ref() : part.unref();
}

function isReferable(part: unknown): part is { ref(): void; unref(): void } {
  return typeof part === 'object' && part !== null && 'ref' in part && 'unref' in part;
}

async function readObject(reader: Reader, name: string, limit: number): Promise<GitObject> {
  setAwake(reader, true);
  try {
    reader.process.stdin.write(`${name}\n`);
    const header = (await takeLine(reader)).toString();
    const found = /^[0-9a-f]+ (\w+) (\d+)$/.exec(header);
    if (found === null) {
      await skipComplaint(reader, header);
      return { kind: 'none' };
    }
    const [, type, digits] = found;
    const size = Number(digits);
    if (type === 'blob' && size > limit) return { kind: 'too-large', size };
    const bytes = await take(reader, size + 1);
    return type === 'blob' ? { kind: 'blob', bytes: bytes.subarray(0, size) } : { kind: 'none' };
  } finally {
    setAwake(reader, false);
  }
}

/** `NAME missing`, or `dangling`, `loop`, `notdir` and `symlink` with a size and, after it, the text of a link. */
async function skipComplaint(reader: Reader, header: string): Promise<void> {
  const size = /^(?:dangling|loop|notdir|symlink) (\d+)$/.exec(header)?.[1];
  if (size !== undefined) await take(reader, Number(size) + 1);
}

async function takeLine(reader: Reader): Promise<Buffer> {
  let seen = 0;
  for (;;) {
    const at = reader.chunks.slice(seen).findIndex((chunk) => chunk.includes(10));
    if (at !== -1) {
      const whole = reader.chunks.slice(0, seen + at + 1);
      const before = whole.slice(0, -1).reduce((sum, chunk) => sum + chunk.length, 0);
      const line = await take(reader, before + (whole.at(-1)?.indexOf(10) ?? 0) + 1);
      return line.subarray(0, -1);
    }
    seen = reader.chunks.length;
    await more(reader);
  }
}

/** The next bytes, as many as asked for. */
async function take(reader: Reader, count: number): Promise<Buffer> {
  while (reader.length < count) await more(reader);
  const taken: Buffer[] = [];
  let missing = count;
  while (missing > 0) {
    const chunk = reader.chunks.shift();
    if (chunk === undefined) break;
    taken.push(chunk.subarray(0, missing));
    if (chunk.length > missing) reader.chunks.unshift(chunk.subarray(missing));
    missing -= Math.min(missing, chunk.length);
  }
  reader.length -= count;
  return Buffer.concat(taken);
}

async function more(reader: Reader): Promise<void> {
  if (reader.ended !== null) throw reader.ended;
  await new Promise<void>((resolve) => {
    reader.wake = resolve;
  });
  reader.wake = () => undefined;
}
