/** Takes a log as it is kept, cut anywhere, and gives what the job wrote. */
export interface TimedLogReader {
  take(bytes: Uint8Array): Uint8Array;
  /** What was held back, when nothing more comes. */
  end(): Uint8Array;
}

/**
 * Reads a log whose lines begin with the time: official runners write so from 18.7 on, older ones when FF_TIMESTAMPS is true.
 * Before each line stands
 *
 *     2026-11-29T12:58:37.123456Z 01O
 *
 * : the time in UTC, two digits of the stream that it came from, O for standard output or E for standard error, and a
 * space, or `+` where the line goes on with what the line before has begun (GitLab Runner, package `timestamper`). A log
 * whose first line has none of this is given as it is, whatever its other lines look like.
 */
export function readTimedLog(): TimedLogReader {
  let kind: 'unknown' | 'timed' | 'plain' = 'unknown';
  let atLineStart = true;
  /** The beginning of a line of which it is not yet known whether it is a header. */
  let rest: Buffer = Buffer.alloc(0);
  /** The end of a line that may go on with the next. */
  let newlineHeld = false;
  let mayGoOn = false;
  let lineBytes = 0;

  function take(bytes: Uint8Array): Uint8Array {
    if (kind === 'plain') return bytes;
    const text = Buffer.concat([rest, bytes]);
    rest = Buffer.alloc(0);
    const given: Uint8Array[] = [];
    for (let at = 0; at < text.length; ) {
      if (atLineStart) {
        const header = text.subarray(at, at + HEADER_BYTES);
        if (header.length < HEADER_BYTES && !header.includes(NEWLINE)) {
          rest = header;
          break;
        }
        const isHeader = HEADER.test(header.toString('latin1'));
        if (kind === 'unknown') kind = isHeader ? 'timed' : 'plain';
        if (kind === 'plain') return text;
        begin(given, isHeader && header.at(-1) === PLUS);
        if (isHeader) at += HEADER_BYTES;
      }
      at += takeLine(text.subarray(at), given);
    }
    return Buffer.concat(given);
  }

  function begin(given: Uint8Array[], goesOn: boolean): void {
    if (newlineHeld && !goesOn) given.push(LINE_END);
    newlineHeld = false;
    mayGoOn = false;
    lineBytes = 0;
    atLineStart = false;
  }

  /** To the line's end, or as far as there is something; how many bytes that are. */
  function takeLine(text: Buffer, given: Uint8Array[]): number {
    const end = text.indexOf(NEWLINE);
    const line = end === -1 ? text : text.subarray(0, end);
    given.push(line);
    lineBytes += line.length;
    mayGoOn ||= lineBytes >= LONG_LINE_BYTES || line.includes(CARRIAGE_RETURN);
    if (end === -1) return text.length;
    // A reader who watches the log has its last line at once: only one that can go on is waited for.
    if (mayGoOn) newlineHeld = true;
    else given.push(LINE_END);
    atLineStart = true;
    return end + 1;
  }

  return {
    take,
    end() {
      const left = newlineHeld ? Buffer.concat([LINE_END, rest]) : rest;
      rest = Buffer.alloc(0);
      newlineHeld = false;
      return left;
    },
  };
}

const HEADER = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z [0-9a-f]{2}[OE][ +]$/;
const HEADER_BYTES = 32;
/** The runner cuts lines that are longer than 8 KiB, and where something was written over with a carriage return. */
const LONG_LINE_BYTES = 4096;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const PLUS = 0x2b;
const LINE_END = Buffer.from('\n');
