/**
 * One packet of git's wire format (gitprotocol-common(5), "pkt-line Format"). `raw` is all of it, as it came; `payload`
 * is without the four digits of its length.
 */
export type Packet =
  | { readonly kind: 'data'; readonly payload: Buffer; readonly raw: Buffer }
  | { readonly kind: 'flush'; readonly raw: Buffer }
  /** `0001` and `0002` of protocol version 2. */
  | { readonly kind: 'delimiter'; readonly raw: Buffer }
  /** Not this format. What follows cannot be told apart any more: the same answer for ever. */
  | { readonly kind: 'malformed' };

export interface PacketReader {
  push(chunk: Buffer): void;
  /** The next packet; null when it has not come whole. */
  next(): Packet | null;
  /** What was pushed and is in no packet yet. */
  rest(): Buffer;
}

/**
 * Cuts a stream into packets, however it was cut before. Memory is bounded by what is pushed and not taken, the work by
 * what is pushed: bytes that come one at a time are put together once.
 */
export function createPacketReader(): PacketReader {
  let chunks: Buffer[] = [];
  let length = 0;
  /** Bytes that make the next step possible: a length's four digits, or the whole packet. */
  let wanted = LENGTH_DIGITS;

  function together(): Buffer {
    const [only = Buffer.alloc(0)] = chunks;
    if (chunks.length < 2) return only;
    const whole = Buffer.concat(chunks, length);
    chunks = [whole];
    return whole;
  }

  function take(bytes: number): Buffer {
    const whole = together();
    const left = whole.subarray(bytes);
    chunks = left.length === 0 ? [] : [left];
    length = left.length;
    wanted = LENGTH_DIGITS;
    return whole.subarray(0, bytes);
  }

  return {
    push(chunk) {
      if (chunk.length === 0) return;
      chunks.push(chunk);
      length += chunk.length;
    },
    next() {
      if (length < wanted) return null;
      if (wanted === LENGTH_DIGITS) {
        const size = readLength(together());
        if (size === null) return { kind: 'malformed' };
        if (size === 0) return { kind: 'flush', raw: take(LENGTH_DIGITS) };
        if (size < LENGTH_DIGITS) return { kind: 'delimiter', raw: take(LENGTH_DIGITS) };
        wanted = size;
        if (length < wanted) return null;
      }
      const raw = take(wanted);
      return { kind: 'data', payload: raw.subarray(LENGTH_DIGITS), raw };
    },
    rest: () => together(),
  };
}

/** A packet with this content. @throws RangeError when it does not fit into one. */
export function packet(content: string | Buffer): Buffer {
  const payload = typeof content === 'string' ? Buffer.from(content) : content;
  const size = payload.length + LENGTH_DIGITS;
  if (size > MAX_PACKET) throw new RangeError(`A packet cannot hold ${payload.length} bytes.`);
  return Buffer.concat([Buffer.from(size.toString(16).padStart(LENGTH_DIGITS, '0')), payload]);
}

export const FLUSH: Buffer = Buffer.from('0000');

/** Of a packet with its length; git's LARGE_PACKET_MAX. */
export const MAX_PACKET = 65_520;

const LENGTH_DIGITS = 4;

function readLength(bytes: Buffer): number | null {
  const digits = bytes.toString('latin1', 0, LENGTH_DIGITS);
  if (!/^[0-9a-f]{4}$/i.test(digits)) return null;
  const size = Number.parseInt(digits, 16);
  return size === 3 || size > MAX_PACKET ? null : size;
}
