import type { Writable } from 'node:stream';
import { createPacketReader, FLUSH, packet } from './pkt-line.ts';
import { type PushHead, type RefusedHead, wantsReport } from './push-head.ts';
import { readPushReport } from './push-report.ts';
import { BAND, onBand, progress } from './sideband.ts';
import { writeTo } from './write-to.ts';

export interface AnswerRelay {
  /** git's answer to the push, without anything before it. */
  readonly answer: AsyncIterable<Buffer>;
  readonly out: Writable;
  readonly head: PushHead;
  /**
   * Called once, with the refs that git accepted, when it has said so and the client has not heard of it yet. The lines
   * are shown to the pusher. Not called when git accepted none.
   */
  accepted(refs: ReadonlySet<string>): Promise<readonly string[]>;
}

/**
 * Passes git's answer on to the client: progress as it comes, but the report, and with it the end, only after `accepted`.
 * The client may be gone by then: what git has done is learnt all the same.
 */
export async function relayPushAnswer({ answer, out, head, accepted }: AnswerRelay): Promise<void> {
  const isMultiplexed = isSideband(head);
  const packets = createPacketReader();
  const held: Buffer[] = [];
  const report: Buffer[] = [];
  let heldBytes = 0;

  function hold(raw: Buffer, content: Buffer): void {
    heldBytes += raw.length;
    if (heldBytes > MAX_REPORT_BYTES) throw new RangeError('The report of a push is too long to be one.');
    held.push(raw);
    report.push(content);
  }

  for await (const chunk of answer) {
    packets.push(chunk);
    for (let found = packets.next(); found !== null; found = packets.next()) {
      if (found.kind === 'malformed') throw new RangeError('git answered a push with what is no packet.');
      const content = found.kind === 'data' ? found.payload : null;
      if (!isMultiplexed) hold(found.raw, found.raw);
      // The end of the answer: made again below, after the lines.
      else if (content === null) continue;
      else if (content[0] === BAND.data) hold(found.raw, content.subarray(1));
      else await writeTo(out, found.raw);
    }
  }
  const refs = readPushReport(Buffer.concat(report)).accepted;
  const lines = refs.size === 0 ? [] : await accepted(refs);
  if (isMultiplexed) {
    await writeTo(out, progress(lines));
    await writeTo(out, Buffer.concat([...held, FLUSH]));
  } else await writeTo(out, Buffer.concat(held));
}

/** Longer than 20,000 refused refs with their reasons. */
const MAX_REPORT_BYTES = 16_000_000;

/** The answer to a push that git is not asked about: each of its refs is refused, with the reason. */
export function refusePush(head: PushHead, reason: string, lines: readonly string[]): Buffer {
  const refused = head.updates.map(({ ref }) => packet(`ng ${ref} ${reason}\n`));
  const report = [packet('unpack ok\n'), ...refused, FLUSH];
  if (!isSideband(head)) return Buffer.concat(report);
  return Buffer.concat([progress(lines), onBand(BAND.data, Buffer.concat(report)), FLUSH]);
}

/**
 * The answer to a push of which nothing is taken, where the client listens: in its report, if it asked for one. `ERR` is
 * for what is no push, and for who listens to nothing else; in the midst of a multiplexed answer it would be one more
 * thing that is wrong (gitprotocol-pack(5), "Report Status").
 */
export function refuseAll({ why, capabilities, refs }: RefusedHead): Buffer {
  const whole = `This push is not taken: ${why}.`;
  if (capabilities === null || !(wantsReport(capabilities) || isSideband({ capabilities })))
    return Buffer.concat([packet(`ERR ${whole}\n`), FLUSH]);
  if (!wantsReport(capabilities))
    return Buffer.concat([onBand(BAND.error, Buffer.from(`${whole}\n`)), FLUSH]);
  const refused = refs.map((ref) =>
    packet(Buffer.concat([Buffer.from('ng '), ref, Buffer.from(` ${why}\n`)])),
  );
  const report = Buffer.concat([packet(`unpack ${whole}\n`), ...refused, FLUSH]);
  return isSideband({ capabilities }) ? Buffer.concat([onBand(BAND.data, report), FLUSH]) : report;
}

function isSideband({ capabilities }: Pick<PushHead, 'capabilities'>): boolean {
  return capabilities.has('side-band-64k') || capabilities.has('side-band');
}
