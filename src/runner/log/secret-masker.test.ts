import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecretMasker } from './secret-masker.ts';

describe('masking secrets in a stream', () => {
  it.each([
    { secrets: ['hunter22'], text: 'the password is hunter22.', shown: 'the password is [MASKED].' },
    { secrets: ['hunter22'], text: 'hunter22hunter22', shown: '[MASKED][MASKED]' },
    { secrets: ['hunter22'], text: 'hunter2', shown: 'hunter2' },
    { secrets: ['abcd', 'abcdefgh'], text: 'abcdefgh abcdefg', shown: '[MASKED] [MASKED]efg' },
    { secrets: ['abcd', 'cdef'], text: 'xabcdefy', shown: 'x[MASKED]y' },
    { secrets: ['bc', 'abcd'], text: 'abcd abc', shown: '[MASKED] a[MASKED]' },
    { secrets: ['aaaa'], text: 'aaaaaa', shown: '[MASKED]' },
    { secrets: ['schlüssel'], text: 'schlüssel', shown: '[MASKED]' },
    { secrets: ['two\nlines'], text: 'two\nlines', shown: '[MASKED]' },
  ])('$secrets in $text', ({ secrets, text, shown }) => {
    expect(mask(secrets, [Buffer.from(text)])).toBe(shown);
    expect(
      mask(
        secrets,
        [...Buffer.from(text)].map((byte) => Buffer.from([byte])),
      ),
    ).toBe(shown);
  });

  it('shows at once what cannot be the beginning of a secret', () => {
    const masker = createSecretMasker();
    masker.add('secret-word');
    expect(Buffer.concat(masker.push(Buffer.from('a line\nand a sec'))).toString()).toBe('a line\nand a ');
    expect(Buffer.concat(masker.push(Buffer.from('ond'))).toString()).toBe('second');
    expect(masker.end()).toEqual([]);
  });

  it('hides a secret that is registered while its beginning is held back', () => {
    const masker = createSecretMasker();
    masker.add('abcdefgh');
    expect(masker.push(Buffer.from('abcdef'))).toEqual([]);
    masker.add('cdefxyz');
    const shown = [...masker.push(Buffer.from('xyz!')), ...masker.end()];
    expect(Buffer.concat(shown).toString()).toBe('ab[MASKED]!');
  });

  it('passes bytes that are no text through unchanged', () => {
    const bytes = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256));
    const masker = createSecretMasker();
    masker.add('secret-word');
    expect(Buffer.concat([...masker.push(bytes), ...masker.end()])).toEqual(bytes);
  });

  it('gives the same for every way of cutting the stream: each byte of each occurrence is hidden', () => {
    const letters = fc.constantFrom('a', 'b', 'c', 'ä');
    const word = fc.string({ unit: letters, minLength: 1, maxLength: 6 });
    const property = fc.property(
      fc.array(word, { minLength: 1, maxLength: 5 }),
      fc.array(fc.string({ unit: letters, maxLength: 9 }), { maxLength: 12 }),
      (secrets, pieces) => {
        const whole = Buffer.from(pieces.join(''));
        let position = 0;
        const chunks = pieces.map((piece) => {
          // Cuts one byte into the next piece, so that multi-byte letters are cut as well.
          const end = Math.min(position + Buffer.byteLength(piece) + 1, whole.length);
          const chunk = whole.subarray(position, end);
          position = end;
          return chunk;
        });
        chunks.push(whole.subarray(position));
        expect(mask(secrets, chunks)).toBe(maskWhole(secrets, whole));
      },
    );
    fc.assert(property, { numRuns: 500 });
  });
});

function mask(secrets: readonly string[], chunks: readonly Uint8Array[]): string {
  const masker = createSecretMasker();
  for (const secret of secrets) masker.add(secret);
  const shown = chunks.flatMap((chunk) => masker.push(chunk));
  return Buffer.concat([...shown, ...masker.end()]).toString();
}

/** The meaning of masking, said as simply as possible: every occurrence at every place; overlapping ones are one. */
function maskWhole(secrets: readonly string[], text: Buffer): string {
  const ranges: { start: number; end: number }[] = [];
  for (let start = 0; start < text.length; start += 1) {
    for (const secret of secrets) {
      const bytes = Buffer.from(secret);
      if (text.subarray(start, start + bytes.length).equals(bytes)) {
        ranges.push({ start, end: start + bytes.length });
      }
    }
  }
  let shown = '';
  let position = 0;
  let masked = -1;
  for (const { start, end } of ranges) {
    if (start >= masked) {
      shown += `${text.subarray(position, start).toString('latin1')}[MASKED]`;
      masked = end;
    } else masked = Math.max(masked, end);
    position = masked;
  }
  shown += text.subarray(position).toString('latin1');
  return Buffer.from(shown, 'latin1').toString();
}
