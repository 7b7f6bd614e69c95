import { describe, expect, test } from 'vitest';
import { createPathQuestions } from './path-questions.ts';
import { memorySources } from './test-support/memory-sources.ts';

const files = { 'app/main.py': '', 'app/sub/test.py': '', Dockerfile: '', '.env': '', 'a.md': '' };

describe('changed', () => {
  test.each<[string, readonly string[] | null, readonly string[], boolean]>([
    ['no diff is known', null, ['nothing'], true],
    ['an empty diff', [], ['**/*'], false],
    ['a path', ['src/a.ts'], ['docs/*', 'src/*'], true],
    ['none', ['src/a.ts'], ['docs/*'], false],
    ['no pattern', ['src/a.ts'], [], false],
    ['a folder is no path', ['src/a.ts'], ['src', 'src/'], false],
  ])('%s', async (_, changed, patterns, expected) => {
    expect((await createPathQuestions(changed, memorySources({})).changed(patterns, null)).matches).toBe(
      expected,
    );
  });

  test('compare_to looks at what differs from a ref, and says when there is none', async () => {
    const paths = createPathQuestions([], memorySources({}, { main: ['src/a.ts'] }));
    expect(await paths.changed(['src/*'], 'main')).toEqual({
      matches: true,
      paths: ['src/a.ts'],
      remark: null,
    });
    expect(await paths.changed(['src/*'], 'ghost')).toMatchObject({ matches: false, remark: 'invalid-ref' });
  });

  test('more than 50,000 comparisons are taken for a match', async () => {
    const many = Array.from({ length: 5_001 }, (_, i) => `f${i}`);
    const patterns = Array.from({ length: 10 }, (_, i) => `no${i}/*`);
    const answer = await createPathQuestions(many, memorySources({})).changed(patterns, null);
    expect(answer).toMatchObject({ matches: true, remark: 'too-many-comparisons' });
  });

  test('asks for a diff once', async () => {
    let asked = 0;
    const sources = {
      ...memorySources({}),
      async changedSince() {
        asked += 1;
        return [];
      },
    };
    const paths = createPathQuestions([], sources);
    await Promise.all([paths.changed(['a'], 'main'), paths.changed(['a'], 'main')]);
    expect(asked).toBe(1);
  });
});

describe('exists', () => {
  test.each<[readonly string[], boolean]>([
    [['Dockerfile'], true],
    [['app/main.py'], true],
    [['**/*.py'], true],
    [['**/*.rs'], false],
    [['*.py'], false],
    [['*.md'], true],
    [['app/'], true],
    [['app'], false],
    [['app/*'], true],
    [['app/**'], true],
    [['app/**/*.py'], true],
    [['./Dockerfile'], false],
    [['/Dockerfile'], false],
    [['.env'], true],
    [['{Docker,Make}file'], true],
    [['missing', 'Dockerfile'], true],
    [['missing', '*.md'], true],
    [['missing', '**/*.py'], true],
    [[], false],
    [[''], false],
  ])('%j is %s', async (patterns, expected) => {
    expect((await createPathQuestions(null, memorySources(files)).exists(patterns)).matches).toBe(expected);
  });

  test('more than 50,000 comparisons are taken for a match, endings and plain paths not counted', async () => {
    const many = Object.fromEntries(Array.from({ length: 50_001 }, (_, i) => [`d/f${i}`, '']));
    const paths = createPathQuestions(null, memorySources(many));
    expect(await paths.exists(['d/*.none'])).toMatchObject({ matches: true, remark: 'too-many-comparisons' });
    expect(await paths.exists(['**/*.none', 'd/none'])).toMatchObject({ matches: false });
    expect(await paths.exists(['*.none'])).toMatchObject({ matches: false });
  });

  test('lists the files once, and not at all when nobody asks', async () => {
    let listed = 0;
    const sources = {
      ...memorySources(files),
      async listFiles() {
        listed += 1;
        return ['a'];
      },
    };
    const paths = createPathQuestions(null, sources);
    expect(listed).toBe(0);
    await paths.exists(['a']);
    await paths.exists(['b']);
    expect(listed).toBe(1);
  });
});
