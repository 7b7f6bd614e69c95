import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LogLine, readLogLines } from './log-lines.ts';

function lines(log: string | readonly Uint8Array[], colours = false): readonly LogLine[] {
  const seen: LogLine[] = [];
  const reader = readLogLines(colours, (line) => seen.push(line));
  for (const part of typeof log === 'string' ? [Buffer.from(log)] : log) reader.write(part);
  reader.end();
  return seen;
}

const texts = (log: string, colours = false) => lines(log, colours).map((line) => line.text);

describe('lines of a job log', () => {
  it.each([
    ['plain lines', 'one\ntwo\n', ['one', 'two']],
    ['a last line without an end', 'one\ntwo', ['one', 'two']],
    ['empty lines', 'one\n\ntwo\n', ['one', '', 'two']],
    ['tabs stay', 'a\tb\n', ['a\tb']],
    ['Windows line ends', 'one\r\ntwo\r\n', ['one', 'two']],
    ['progress that overwrites itself', '10%\r50%\r100%\ndone\n', ['100%', 'done']],
    ['colours', '\u001b[31mred\u001b[0m\n', ['red']],
    ['clearing the screen', '\u001b[2J\u001b[Hhello\n', ['hello']],
    ['setting the title', '\u001b]0;owned\u0007hello\n', ['hello']],
    ['setting the title, ended the other way', '\u001b]0;owned\u001b\\hello\n', ['hello']],
    ['a device string', '\u001bPq#0;2\u001b\\hello\n', ['hello']],
    ['a reset of the terminal', '\u001bchello\n', ['hello']],
    ['8-bit control characters', '\u009b2Jhello\n', ['2Jhello']],
    ['bells and backspaces', 'a\u0007b\u0008c\n', ['abc']],
    ['an escape that is never ended', 'a\u001b[31', ['a']],
  ])('%s', (_name, log, expected) => {
    expect(texts(log)).toEqual(expected);
  });

  it('turns section markers into header lines', () => {
    const log =
      '\u001b[0Ksection_start:1700000000:build[collapsed=true]\r\u001b[0KBuilding the app\nmake\n' +
      '\u001b[0Ksection_end:1700000001:build\r\u001b[0K\n' +
      '\u001b[0Ksection_end:1:a\r\u001b[0K\u001b[0Ksection_start:1:b\r\u001b[0K\u001b[36;1mNext\u001b[0;m\nlast\n';
    expect(lines(log)).toEqual([
      { text: 'Building the app', header: true },
      { text: 'make', header: false },
      { text: 'Next', header: true },
      { text: 'last', header: false },
    ]);
  });

  it('keeps colours when wanted, ends them with the line and takes them up in the next', () => {
    expect(texts('\u001b[31mred\nstill\u001b[0m plain\nplain\n', true)).toEqual([
      '\u001b[31mred\u001b[0m',
      '\u001b[31mstill\u001b[0m plain\u001b[0m',
      'plain',
    ]);
  });

  it('shows a line that never ends in pieces', () => {
    expect(texts('x'.repeat(200_000)).map((text) => text.length)).toEqual([65_536, 65_536, 65_536, 3_392]);
  });

  it('gives the same lines however the bytes are cut', () => {
    const part = fc.constantFrom(
      'a',
      'é',
      '🚀',
      '\n',
      '\r',
      '\u001b[31m',
      '\u001b[0m',
      '\u001b]0;t\u0007',
      '\u001b[0Ksection_start:1:s\r\u001b[0KHead\n',
      '\u001b[0Ksection_end:1:s\r\u001b[0K',
      '\u0000',
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 40 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        (parts, sizes) => {
          const bytes = Buffer.from(parts.join(''));
          const pieces: Uint8Array[] = [];
          for (let at = 0; at < bytes.length; ) {
            const size = sizes.next().value;
            pieces.push(bytes.subarray(at, at + size));
            at += size;
          }
          expect(lines(pieces, true)).toEqual(lines([bytes], true));
        },
      ),
    );
  });

  it('never lets a control character but tab and colours through', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        for (const line of lines([bytes], true)) {
          const rest = line.text.replaceAll(/\u001b\[[0-9;:]*m/g, '');
          expect(rest).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/);
        }
      }),
    );
  });
});
