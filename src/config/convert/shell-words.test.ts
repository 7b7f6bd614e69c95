import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeParts, type TextPart, withValues } from './reference.ts';
import { commandLine } from './shell-words.ts';

test.each([
  [['make'], 'make'],
  [['docker', 'build', '-t', 'a/b:1', '.'], 'docker build -t a/b:1 .'],
  [['sh', '-c', 'echo $HOME'], "sh -c 'echo $HOME'"],
  [['echo', "it's"], 'echo "it\'s"'],
  [['echo', "it's $5"], "echo 'it'\\''s $5'"],
  [['echo', ''], "echo ''"],
  [['a=b'], "'a=b'"],
  [['if'], "'if'"],
])('%j is written %s', ([program = '', ...words], line) => {
  expect(commandLine(program, words)).toBe(line);
});

const SHA = { name: 'CI_COMMIT_SHA', value: 'abc' };

test.each<[readonly TextPart[], string]>([
  [['app:', SHA], 'echo "app:$CI_COMMIT_SHA"'],
  [[SHA, '_x'], 'echo "${CI_COMMIT_SHA}_x"'],
  [['$HOME/', SHA, ' "'], "echo '$HOME/'\"$CI_COMMIT_SHA\"' \"'"],
])('of the references in %j variables are made', (parts, line) => {
  expect(commandLine('echo', [encodeParts(parts)])).toBe(line);
});

test('a shell sees every word as it was', () => {
  const part = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant(SHA));
  const word = fc.array(part, { maxLength: 4 }).map(encodeParts);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
      fc.pre(words.every((text) => !/[\0\ud800-\udfff]/.test(text)));
      const line = commandLine('printf', ['%s\\0', ...words]);
      const out = execFileSync('sh', ['-c', line], { env: { CI_COMMIT_SHA: 'abc' }, encoding: 'utf8' });
      expect(out.split('\0').slice(0, -1)).toEqual(words.map(withValues));
    }),
    { numRuns: 60 },
  );
});
