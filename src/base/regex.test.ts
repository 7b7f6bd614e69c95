import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { compileRegex, parseRegexLiteral } from './regex.ts';

describe('compileRegex', () => {
  test.each<[string, string, string, boolean]>([
    ['^rel', '', 'release', true],
    ['^rel', '', 'a release', false],
    ['ai', '', 'main', true],
    ['^MAIN$', 'i', 'main', true],
    ['^b$', '', 'a\nb', false],
    ['^b$', 'm', 'a\nb', true],
    ['a.b', '', 'a\nb', false],
    ['a.b', 's', 'a\nb', true],
    ['', '', '', true],
  ])('/%s/%s on %j: %s', (pattern, flags, text, expected) => {
    const result = compileRegex(pattern, flags);
    expect(result.ok && result.regex.test(text)).toBe(expected);
  });

  test.each(['ab(', '(?=look)', '(a)\\1', 'a{2000}', '('.repeat(5_000)])('%s is refused', (pattern) => {
    expect(compileRegex(pattern)).toMatchObject({ ok: false });
  });

  test('no pattern hangs', () => {
    const result = compileRegex('^(([a-z])+.)+[A-Z]([a-z])+$');
    expect(result.ok && result.regex.test('a'.repeat(50_000))).toBe(false);
  });

  test('the engine is not loaded before it is needed', () => {
    const script = `
      import { compileRegex } from ${JSON.stringify(new URL('./regex.ts', import.meta.url).href)};
      import { createRequire } from 'node:module';
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('re2js'));
      const plain = compileRegex('^rel');
      if (plain.ok) plain.regex.test('release');
      const before = loaded();
      compileRegex('a|b');
      console.log(before, loaded());`;
    const run = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
    expect(run.stdout).toBe('false true\n');
  });
});

describe('parseRegexLiteral', () => {
  test.each<[string, object | null]>([
    ['/^rel/', { pattern: '^rel', flags: '' }],
    ['/a\\/b/iU', { pattern: 'a\\/b', flags: 'iU' }],
    ['//', { pattern: '', flags: '' }],
    ['/a/x', null],
    ['a/b', null],
    ['main', null],
  ])('%s', (text, literal) => {
    expect(parseRegexLiteral(text)).toEqual(literal);
  });
});
