import { TextDecoder } from 'node:util';

/** By the byte order mark, or what the XML declaration says; UTF-8 where neither says anything that is known. */
export function createDecoder(start: Buffer): TextDecoder {
  if (start[0] === 0xff && start[1] === 0xfe) return new TextDecoder('utf-16le');
  if (start[0] === 0xfe && start[1] === 0xff) return new TextDecoder('utf-16be');
  const declared = /^[^<]*<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(
    start.toString('latin1', 0, 256),
  );
  try {
    return new TextDecoder(declared?.[1] ?? 'utf-8');
  } catch (error) {
    if (error instanceof RangeError) return new TextDecoder('utf-8');
    throw error;
  }
}
