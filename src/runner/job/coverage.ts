import { Buffer } from 'node:buffer';
import { compileRegex } from '../../base/regex.ts';
import type { LogSink } from '../log/job-log.ts';

/** Looks for the test coverage in a log on its way to the sink. */
export interface CoverageScan {
  readonly sink: LogSink;
  /** In percent; null when no line matched. */
  result(): number | null;
}

/**
 * GitLab's rule (`Gitlab::Ci::Trace::Stream#extract_coverage`): of the last line that matches, the last match, of that
 * its last group, and in that the first number. A line that matches without a number counts for nothing.
 */
export function scanCoverage(sink: LogSink, pattern: string | null | undefined): CoverageScan {
  const compiled = pattern === null || pattern === undefined ? null : compileRegex(pattern);
  if (compiled === null || !compiled.ok) return { sink, result: () => null };
  const { regex } = compiled;
  let coverage: number | null = null;
  let rest: Uint8Array = new Uint8Array(0);

  function scanLine(line: Buffer): void {
    // Most lines of most logs are skipped here, hundreds of times faster than by the expression.
    if (!hasDigit(line)) return;
    const match = regex.findLast(line.toString('utf8').replace(/\r$/, ''));
    const number = match?.at(-1)?.match(/\d+(\.\d+)?/)?.[0];
    if (number !== undefined) coverage = Number(number);
  }

  function scan(bytes: Uint8Array): void {
    const text = Buffer.concat([rest, bytes]);
    let start = 0;
    for (let end = text.indexOf(NEWLINE); end !== -1; end = text.indexOf(NEWLINE, start)) {
      scanLine(text.subarray(start, end));
      start = end + 1;
    }
    rest = text.subarray(Math.max(start, text.length - LONGEST_LINE));
  }

  return {
    sink: {
      async write(bytes) {
        scan(bytes);
        await sink.write(bytes);
      },
      close: () => sink.close(),
    },
    result() {
      scanLine(Buffer.from(rest));
      rest = new Uint8Array(0);
      return coverage;
    },
  };
}

const NEWLINE = 0x0a;

/** Of a line longer than this only the end is looked at: output without line breaks must not fill the memory. */
const LONGEST_LINE = 64 * 1024;

function hasDigit(line: Buffer): boolean {
  return line.some((byte) => byte >= 0x30 && byte <= 0x39);
}
