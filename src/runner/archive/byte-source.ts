/** Bytes that come in pieces of any size, taken in pieces of the size one needs. */
export interface ByteSource {
  /** Exactly so many bytes; null when the source ends before. */
  take(count: number): Promise<Buffer | null>;
  /** At least one byte and at most so many, without copying; null at the end. */
  takeUpTo(count: number): Promise<Buffer | null>;
  /** False when the source ends before. */
  skip(count: number): Promise<boolean>;
  /** Gives the rest up. */
  close(): Promise<void>;
}

export function createByteSource(source: AsyncIterable<Buffer>): ByteSource {
  const pieces = source[Symbol.asyncIterator]();
  let current: Buffer = Buffer.alloc(0);

  async function takeUpTo(count: number): Promise<Buffer | null> {
    while (current.length === 0) {
      const next = await pieces.next();
      if (next.done === true) return null;
      current = next.value;
    }
    const taken = current.subarray(0, count);
    current = current.subarray(taken.length);
    return taken;
  }

  return {
    takeUpTo,
    async take(count) {
      if (count === 0) return Buffer.alloc(0);
      const first = await takeUpTo(count);
      if (first === null || first.length === count) return first;
      const parts = [first];
      for (let missing = count - first.length; missing > 0; ) {
        const part = await takeUpTo(missing);
        if (part === null) return null;
        parts.push(part);
        missing -= part.length;
      }
      return Buffer.concat(parts);
    },
    async skip(count) {
      for (let left = count; left > 0; ) {
        const piece = await takeUpTo(left);
        if (piece === null) return false;
        left -= piece.length;
      }
      return true;
    },
    async close() {
      await pieces.return?.();
    },
  };
}
