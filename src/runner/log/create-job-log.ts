import { Buffer } from 'node:buffer';
import type { Clock } from '../../base/clock.ts';
import { CLEAR_LINE, LOOKS, RESET } from './ansi.ts';
import type { JobLog, LogSink } from './job-log.ts';
import { createSecretMasker } from './secret-masker.ts';

/** A job's log that can be ended: what was held back as the possible beginning of a secret is written then. */
export interface EndableJobLog extends JobLog {
  /** Writes what is held back. The sink stays open: it belongs to whoever made it. */
  end(): Promise<void>;
}

/**
 * A log that masks secrets and hands the rest to the sink, one write at a time, in the order of the calls. Memory is
 * bounded by the writes that callers have not awaited.
 */
export function createJobLog(sink: LogSink, clock: Clock): EndableJobLog {
  const masker = createSecretMasker();
  let queue: Promise<void> = Promise.resolve();
  let atLineStart = true;

  function enqueue(task: () => Promise<void>): Promise<void> {
    const result = queue.then(task);
    // A failed write is told to its own caller; later ones are tried again.
    queue = result.catch(() => undefined);
    return result;
  }

  async function pass(pieces: readonly Uint8Array[]): Promise<void> {
    for (const piece of pieces) if (piece.length > 0) await sink.write(piece);
  }

  async function writeOut(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    atLineStart = bytes.at(-1) === NEWLINE;
    await pass(masker.push(bytes));
  }

  /** The runner's own text never continues a line that the job left open. */
  function writeOwn(text: string): Promise<void> {
    return enqueue(() => writeOut(Buffer.from(atLineStart ? text : `\n${text}`)));
  }

  function sectionMark(kind: 'start' | 'end', name: string): string {
    return `${CLEAR_LINE}section_${kind}:${Math.floor(clock.now() / 1000)}:${name}\r${CLEAR_LINE}`;
  }

  return {
    write: (bytes) => enqueue(() => writeOut(bytes)),
    line: (text, look = 'plain') =>
      writeOwn(look === 'plain' ? `${text}\n` : `${LOOKS[look]}${text}${RESET}\n`),
    sectionStart: (name, header) =>
      writeOwn(`${sectionMark('start', name)}${LOOKS.header}${header}${RESET}\n`),
    async sectionEnd(name) {
      await writeOwn(sectionMark('end', name));
      // The mark ends in "clear the line": the cursor stands where a line begins.
      atLineStart = true;
    },
    mask: (secret) => masker.add(secret),
    end: () => enqueue(() => pass(masker.end())),
  };
}

const NEWLINE = 0x0a;
