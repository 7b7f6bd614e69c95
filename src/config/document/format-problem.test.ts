import { expect, test } from 'vitest';
import { formatProblem, problemAt } from './index.ts';

function shown(text: string, start: number, end: number, message = 'is wrong', color = false): string {
  const file = { name: 'ci.yml', text };
  return formatProblem(problemAt({ file, start, end }, { code: 'x', message, hint: 'Do it.' }), { color });
}

test('place, message, the line with what is meant underlined, the hint', () => {
  expect(shown('a: 1\n  bad: value\n', 7, 10)).toBe(
    'ci.yml:2:3: error: is wrong\n  2 |   bad: value\n    |   ^^^\n  hint: Do it.',
  );
});

test('what goes over several lines is underlined to the end of its first', () => {
  expect(shown('a: [1,\n 2]', 3, 10)).toContain('1 | a: [1,\n    |    ^^^');
});

test('a long line is cut to 110 columns around the place', () => {
  const text = `${'x'.repeat(5000)}HERE${'y'.repeat(5000)}`;
  const lines = shown(text, 5000, 5004).split('\n');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(110);
  const [, source = '', underline = ''] = lines;
  expect(source.slice(underline.indexOf('^'), underline.lastIndexOf('^') + 1)).toBe('HERE');
});

test('control characters of the file never reach the terminal', () => {
  const text = shown('a: \u001b[2J\u009b1m\u202e\tx', 3, 6, 'bad \u001b]0;title\u0007');
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});

test('without a place there is only the sentence', () => {
  expect(
    formatProblem(
      { severity: 'warning', code: 'x', message: 'm', place: null, excerpt: null, hint: null },
      { color: false },
    ),
  ).toBe('warning: m');
});

test('colours are asked for', () => {
  expect(shown('a', 0, 1, 'm', true)).toContain('\u001b[31m');
  expect(shown('a', 0, 1, 'm', false)).not.toContain('\u001b[');
});
