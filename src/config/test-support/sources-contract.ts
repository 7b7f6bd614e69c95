import { describe, expect, test } from 'vitest';
import type { Sources } from '../sources.ts';

/** What every implementation of `Sources` must do. `open` makes one over a project that has exactly these files. */
export function describeSources(
  name: string,
  open: (files: Readonly<Record<string, string>>) => Promise<Sources>,
): void {
  const files = {
    '.gitlab-ci.yml': 'a: {script: ü}\n',
    'ci/jobs/b.yml': 'b: 1\n',
    'ci/Z.yml': '',
    'ci/a b.yml': 'space\n',
  };

  describe(`${name} as Sources`, () => {
    test.each(Object.entries(files))('%s is read as it is', async (path, text) => {
      expect(await (await open(files)).readFile(path)).toEqual({ kind: 'text', text });
    });

    test.each([
      'none.yml',
      'ci',
      'ci/',
      'ci/none/x.yml',
      '../x.yml',
      'ci/../../x.yml',
      'constructor',
      '__proto__',
      'a\0b.yml',
    ])('%s is absent', async (path) => {
      expect(await (await open(files)).readFile(path)).toEqual({ kind: 'absent' });
    });

    test('all files are listed, sorted', async () => {
      expect(await (await open(files)).listFiles()).toEqual(Object.keys(files).sort());
    });

    test('what is no ref has no diff, however it is written', async () => {
      const sources = await open(files);
      for (const ref of ['no-such-ref', '', '--output=/x', '-p', 'a b', 'HEAD..', '\u0001', 'a\0b']) {
        expect(await sources.changedSince(ref)).toBeNull();
      }
    });

    test('the same question has the same answer, also when asked at once', async () => {
      const sources = await open(files);
      const [one, two] = await Promise.all([
        sources.readFile('ci/jobs/b.yml'),
        sources.readFile('ci/jobs/b.yml'),
      ]);
      expect(one).toEqual(two);
      const [all, again] = await Promise.all([sources.listFiles(), sources.listFiles()]);
      expect(all).toEqual(again);
    });
  });
}
