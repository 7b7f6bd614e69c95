import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import { AppError } from '../../base/app-error.ts';
import {
  type BackupItem,
  FRAME,
  MAGIC,
  MAX_CONTENT_BYTES,
  MAX_ITEM_BYTES,
  readItem,
} from './backup-items.ts';

/** An item, and its content: empty for those that have none. Read the content before the next entry. */
export interface BackupEntry {
  readonly item: Exclude<BackupItem, { kind: 'end' | 'seal' }>;
  /** Throws `TakenAway` at its end when the source was taken away meanwhile, and an AppError when it is damaged. */
  readonly content: AsyncIterable<Buffer>;
}

/** Content that ends before its end, because what it was copied from was removed meanwhile. */
export class TakenAway extends Error {
  override readonly name = 'TakenAway';
}

/**
 * The entries of a backup, of which no more than one frame is in memory. Throws an AppError: `backup-unreadable` when
 * there is no such file or it is none, `backup-damaged` as soon as something in it is not as it was written.
 */
export async function* readBackup(path: string): AsyncGenerator<BackupEntry> {
  const frames = readFrames(path);
  const taker = { next: await takeFrame(frames) };
  const hash = createHash('sha256');
  let bytes = 0;

  async function step(frame: Frame): Promise<void> {
    bytes += frame.bytes.length + frame.head.length;
    hash.update(frame.head).update(frame.bytes);
    taker.next = await takeFrame(frames);
  }

  async function* content(): AsyncGenerator<Buffer> {
    const own = createHash('sha256');
    let length = 0;
    for (;;) {
      const frame = taker.next;
      if (frame === null) throw damaged('it ends too early');
      if (frame.kind === FRAME.content) {
        own.update(frame.bytes);
        length += frame.bytes.length;
        const chunk = frame.bytes;
        await step(frame);
        yield chunk;
        continue;
      }
      const end = itemOf(frame);
      if (end.kind !== 'end') throw damaged('content has no end');
      await step(frame);
      if (end.bytes !== length || end.sha256 !== own.digest('hex')) throw damaged('content has another sum');
      if (!end.whole) throw new TakenAway();
      return;
    }
  }

  try {
    for (;;) {
      const frame = taker.next;
      if (frame === null) throw damaged('it ends too early');
      const item = itemOf(frame);
      if (item.kind === 'seal') {
        if (item.bytes !== bytes || item.sha256 !== hash.digest('hex')) throw damaged('its sum is another');
        if ((await takeFrame(frames)) !== null) throw damaged('there is something behind its end');
        return;
      }
      if (item.kind === 'end') throw damaged('an end stands where nothing began');
      await step(frame);
      if (!WITH_CONTENT.has(item.kind)) {
        yield { item, content: none() };
        continue;
      }
      const own = content();
      yield { item, content: own };
      // Whoever did not want it has perhaps left it.
      await drained(own);
    }
  } finally {
    await frames.return(undefined);
  }
}

const WITH_CONTENT: ReadonlySet<BackupItem['kind']> = new Set(['repository', 'blob', 'trace', 'file']);

export function damaged(why: string, cause?: unknown): AppError {
  return new AppError('backup-damaged', `The backup is damaged: ${why}.`, {
    hint: 'Nothing of it was restored. Take another copy of it, or an older one.',
    cause,
  });
}

async function* none(): AsyncGenerator<Buffer> {
  yield* [];
}

async function drained(content: AsyncGenerator<Buffer>): Promise<void> {
  try {
    for await (const _ of content);
  } catch (error) {
    if (!(error instanceof TakenAway)) throw error;
  }
}

interface Frame {
  readonly kind: number;
  readonly head: Buffer;
  readonly bytes: Buffer;
}

function itemOf(frame: Frame): BackupItem {
  if (frame.kind !== FRAME.item) throw damaged('content stands where an item is expected');
  try {
    return readItem(frame.bytes);
  } catch (cause) {
    throw damaged('an item cannot be read', cause);
  }
}

async function takeFrame(frames: AsyncGenerator<Frame>): Promise<Frame | null> {
  try {
    const next = await frames.next();
    return next.done === true ? null : next.value;
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw damaged(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

async function* readFrames(path: string): AsyncGenerator<Frame> {
  const source = createReadStream(path, { start: await checkMagic(path), highWaterMark: 256 * 1024 });
  const unpacked = new PassThrough({ highWaterMark: 256 * 1024 });
  // What goes wrong in it comes out of `unpacked`, which is read here.
  const ended = pipeline(source, createZstdDecompress(), unpacked).catch(() => undefined);
  const held = new Held();
  try {
    for await (const chunk of unpacked) {
      held.add(chunk);
      for (let frame = held.frame(); frame !== null; frame = held.frame()) yield frame;
    }
    if (held.length > 0) throw damaged('it ends in the middle');
  } finally {
    unpacked.destroy();
    await ended;
  }
}

async function checkMagic(path: string): Promise<number> {
  const start = Buffer.from(MAGIC);
  const read: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(path, { end: start.length - 1 })) read.push(chunk);
  } catch (cause) {
    throw new AppError('backup-unreadable', `The backup ${path} cannot be read.`, { cause });
  }
  const found = Buffer.concat(read);
  if (found.equals(start)) return start.length;
  const isNewer = found.subarray(0, 15).equals(start.subarray(0, 15));
  throw new AppError(
    'backup-unreadable',
    isNewer ? `The backup ${path} has a format of a newer version.` : `${path} is no backup of Slipway.`,
    isNewer ? { hint: 'Restore it with the version of Slipway that made it, or a newer one.' } : {},
  );
}

/** Bytes that have come, and the frames in them. */
class Held {
  #chunks: Buffer[] = [];
  length = 0;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.length += chunk.length;
  }

  frame(): Frame | null {
    if (this.length < HEAD) return null;
    const head = this.#peek(HEAD);
    const [kind, size] = [head.readUInt8(0), head.readUInt32BE(1)];
    if (kind !== FRAME.item && kind !== FRAME.content) throw damaged('a frame is of no known kind');
    if (size > (kind === FRAME.item ? MAX_ITEM_BYTES : MAX_CONTENT_BYTES))
      throw damaged('a frame is too large');
    if (this.length < HEAD + size) return null;
    const all = this.#take(HEAD + size);
    return { kind, head: all.subarray(0, HEAD), bytes: all.subarray(HEAD) };
  }

  #peek(count: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= count) return first.subarray(0, count);
    return this.#joined().subarray(0, count);
  }

  #take(count: number): Buffer {
    const all = this.#joined();
    this.#chunks = all.length > count ? [all.subarray(count)] : [];
    this.length -= count;
    return all.subarray(0, count);
  }

  #joined(): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && this.#chunks.length === 1) return first;
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}

const HEAD = 5;
