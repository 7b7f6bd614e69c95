import { expect, test } from 'vitest';
import { prettyLog } from './pretty-log.ts';

const plain = (text: string) => text;
const colours = { dim: plain, red: plain, yellow: plain, cyan: plain };

function shown(entry: object | string): string {
  const lines: string[] = [];
  const line = typeof entry === 'string' ? entry : `${JSON.stringify(entry)}\n`;
  prettyLog((text) => void lines.push(text), colours)(line);
  return lines.join('');
}

const time = new Date('2026-03-01T12:30:15').getTime();

test('a line of the log is for people on a terminal', () => {
  expect(shown({ level: 30, time, msg: 'A job has ended', job: 7, request: 'abc-1' })).toBe(
    '12:30:15 info  A job has ended  job=7  request=abc-1\n',
  );
  expect(shown({ level: 40, time, msg: 'Slow', about: { path: 'a b' } })).toBe(
    '12:30:15 warn  Slow  about={"path":"a b"}\n',
  );
});

test('an error has its stack, and what clients sent moves no cursor', () => {
  const err = { type: 'Error', message: 'gone', stack: 'Error: gone\n    at here' };
  expect(shown({ level: 50, time, err, msg: 'Failed' })).toBe(
    '12:30:15 error Failed\n    Error: gone\n      at here\n'
      .replace('\n    Error', '\n    Error')
      .replace('\n      at', '\n      at'),
  );
  expect(shown({ level: 30, time, msg: 'a\u001b[2Jb' })).not.toContain('\u001b');
});

test('a line of somebody else stays as it is', () => {
  expect(shown('Warning: something\n')).toBe('Warning: something\n');
});
