import fc from 'fast-check';
import { expect, test } from 'vitest';
import { watchForEngine } from './failure-hints.ts';

const SAID = 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is it running?';

test('an engine that was looked for is seen, wherever the log is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30 })), fc.string(), (sizes, before) => {
      const watch = watchForEngine();
      for (const chunk of cut(Buffer.from(before + SAID), sizes)) watch.see(chunk);
      expect(watch.sought).toBe(true);
    }),
  );
});

test('nothing else is', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 30 })),
      fc.array(fc.constantFrom('docker', '.', 'sock', 'r')),
      (sizes, words) => {
        const text = words.join('');
        const watch = watchForEngine();
        for (const chunk of cut(Buffer.from(text), sizes)) watch.see(chunk);
        expect(watch.sought).toBe(text.includes('docker.sock'));
      },
    ),
  );
});

function cut(bytes: Buffer, sizes: readonly number[]): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}
