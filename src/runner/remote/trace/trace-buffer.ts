import { type FileHandle, open, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/**
 * All of a job's log, kept until the server has it: it may ask for any part of it again, or for everything. Short logs
 * stay in memory, longer ones go to a file. Calls of `append` come one after another.
 */
export interface TraceBuffer extends AsyncDisposable {
  append(bytes: Uint8Array): Promise<void>;
  /** At most `length` bytes. */
  read(start: number, length: number): Promise<Uint8Array>;
  size(): number;
  /** IEEE CRC-32 of all that is there. */
  crc32(): number;
}

/** @param path a file that does not exist yet */
export function createTraceBuffer(path: string): TraceBuffer {
  let pieces: Buffer[] = [];
  let size = 0;
  let crc = 0;
  let file: FileHandle | null = null;

  async function moveToFile(): Promise<FileHandle> {
    const handle = await open(path, 'wx+', 0o600);
    await writeAt(handle, Buffer.concat(pieces), 0);
    return handle;
  }

  return {
    size: () => size,
    crc32: () => crc,
    async append(bytes) {
      if (file === null && size + bytes.length > MOST_IN_MEMORY) {
        file = await moveToFile();
        pieces = [];
      }
      if (file === null) pieces.push(Buffer.from(bytes));
      else await writeAt(file, bytes, size);
      // Only what is there can be read.
      size += bytes.length;
      crc = crc32(bytes, crc);
    },
    async read(start, length) {
      const wanted = Math.max(0, Math.min(length, size - start));
      if (file === null) {
        pieces = [Buffer.concat(pieces)];
        return pieces[0]?.subarray(start, start + wanted) ?? Buffer.alloc(0);
      }
      const into = Buffer.alloc(wanted);
      let done = 0;
      while (done < wanted) {
        const { bytesRead } = await file.read(into, done, wanted - done, start + done);
        if (bytesRead === 0) throw new RangeError(`The log ${path} is shorter than it was`);
        done += bytesRead;
      }
      return into;
    },
    async [Symbol.asyncDispose]() {
      await file?.close();
      if (file !== null) await rm(path, { force: true });
      file = null;
    },
  };
}

const MOST_IN_MEMORY = 128 * 1024;

async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
