import { TextDecoder } from 'node:util';
import type { RunEvent } from '../../local/index.ts';
import { type Display, type Screen, writeTo } from './display.ts';

/**
 * A run for programs: one JSON object a line, one line an event, as in src/local/run-events.ts; the bytes of a log
 * come as `text`, never cut inside a character. Raw: control sequences of the log are in it, escaped by JSON.
 */
export function jsonDisplay(screen: Screen): Display {
  const decoders = new Map<string, TextDecoder>();

  function row(event: RunEvent): string {
    if (event.type !== 'job-log') return `${JSON.stringify(event)}\n`;
    const key = JSON.stringify([event.within, event.job]);
    const decoder = decoders.get(key) ?? new TextDecoder('utf-8', { ignoreBOM: true });
    decoders.set(key, decoder);
    const { bytes, ...rest } = event;
    const text = decoder.decode(bytes, { stream: true });
    return text === '' ? '' : `${JSON.stringify({ ...rest, text })}\n`;
  }

  return {
    show: (event) => writeTo(screen, row(event)),
    close: async () => undefined,
  };
}
