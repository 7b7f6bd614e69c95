import { MAX_PACKET, packet } from './pkt-line.ts';

/** The channels of a multiplexed answer: what the client reads, what its person reads, and why all is over. */
export const BAND = { data: 1, progress: 2, error: 3 } as const;

/** Lines that the client's git prints as `remote: …`. */
export function progress(lines: readonly string[]): Buffer {
  return Buffer.concat(lines.map((line) => onBand(BAND.progress, Buffer.from(`${line}\n`))));
}

/** Content of any length on a band, in as many packets as it takes. */
export function onBand(band: number, content: Buffer): Buffer {
  const room = MAX_PACKET - 5;
  const packets: Buffer[] = [];
  for (let at = 0; at < content.length; at += room) {
    packets.push(packet(Buffer.concat([Buffer.from([band]), content.subarray(at, at + room)])));
  }
  return Buffer.concat(packets);
}
