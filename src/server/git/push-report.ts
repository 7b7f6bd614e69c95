import { createPacketReader } from './pkt-line.ts';

/** What git answered to a push (gitprotocol-pack(5), "Report Status"). */
export interface PushReport {
  /** Whether the objects were taken. */
  readonly unpacked: boolean;
  /** The refs that were changed. */
  readonly accepted: ReadonlySet<string>;
}

/**
 * Reads the report of a push, whole. Lines that are not known (the options of version 2) change nothing; what is no
 * report accepts nothing.
 */
export function readPushReport(report: Buffer): PushReport {
  const packets = createPacketReader();
  packets.push(report);
  const accepted = new Set<string>();
  let unpacked = false;
  for (let found = packets.next(); found?.kind === 'data'; found = packets.next()) {
    const line = found.payload.toString('utf8').replace(/\n$/, '');
    if (line === 'unpack ok') unpacked = true;
    else if (line.startsWith('ok ')) accepted.add(line.slice('ok '.length));
  }
  return { unpacked, accepted: unpacked ? accepted : new Set() };
}
