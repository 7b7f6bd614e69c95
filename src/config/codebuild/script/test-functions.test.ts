import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { phase, runPhases } from './test-support/run-phases.ts';

const TESTS = [
  'a.test.js',
  'b b.test.js',
  "c'c.test.js",
  'd/.d.test.js',
  'd/e/e.test.js',
  'f.test.js',
  'z.js',
];
const SEARCH = `--files-search "codebuild-glob-search '**/*.test.js'"`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-shards-'));
  for (const path of TESTS) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), '');
  }
});
afterAll(() => rm(folder, { recursive: true }));

async function run(
  command: string,
  shell: 'sh' | 'bash',
  [index, total]: readonly [number, number] = [1, 1],
) {
  const numbers = `export CI_NODE_INDEX=${index} CI_NODE_TOTAL=${total}`;
  const alone = { install: null, pre_build: phase([numbers]), post_build: null };
  return await runPhases({ folder, temporary: folder }, { ...alone, build: phase([command]) }, { shell });
}

describe.each(['sh', 'bash'] as const)('in %s', (shell) => {
  test.each<[number, readonly string[]]>([
    [1, ['a.test.js', 'b b.test.js']],
    [2, ["c'c.test.js", 'd/.d.test.js']],
    [3, ['d/e/e.test.js']],
    [4, ['f.test.js']],
  ])('build %i of 4 has its part of the files', async (index, files) => {
    const command = `codebuild-tests-run --test-command 'printf "seen <%s>\\n"' ${SEARCH}`;
    const { seen, code, output } = await run(command, shell, [index, 4]);
    expect({ seen, code }, output).toEqual({
      seen: files.map((file) => `seen <${file}>`).join(', '),
      code: 0,
    });
    expect(output).toContain(`[Container] Build ${index} of 4 runs ${files.length} of 6 test files\n`);
  });

  test('where a build is alone it has all of them, and there may be more builds than files', async () => {
    const command = `codebuild-tests-run --test-command='echo seen' --files-search='echo a; echo b'`;
    expect(await run(command, shell)).toMatchObject({ seen: 'seen a b', code: 0 });
    expect(await run(command, shell, [3, 3])).toMatchObject({ seen: '', code: 0 });
  });

  test('a command may take the files from the variable, and its code is that of the build', async () => {
    const command = `codebuild-tests-run --files-search "printf 'b\\na\\n'" --test-command 'echo "seen $CODEBUILD_CURRENT_SHARD_FILES" | tr "\\n" ,; echo; (exit 3)'`;
    expect(await run(command, shell)).toMatchObject({ seen: 'seen a,b,', code: 3 });
  });

  test.each([
    ['codebuild-tests-run --test-command true', 'must be given'],
    ['codebuild-tests-run --test-command', 'has no value'],
    ['codebuild-tests-run --tests true', 'there is no --tests'],
    [
      `codebuild-tests-run --test-command true ${SEARCH} --sharding-strategy luck`,
      'should be equal-distribution',
    ],
  ])('%s is wrong', async (command, message) => {
    const { code, output } = await run(command, shell);
    expect(code).toBe(2);
    expect(output).toContain(message);
  });
});

test('by their names each file is in one part, whatever other files there are', async () => {
  const part = async (search: string, index: number): Promise<readonly string[]> => {
    const command = `codebuild-tests-run --sharding-strategy stability --test-command 'printf "seen %s\\n"' --files-search '${search}'`;
    const { seen } = await run(command, 'sh', [index, 2]);
    return seen === '' ? [] : seen.split(', ');
  };
  const many = 'seq 1 20';
  const [one, two] = [await part(many, 1), await part(many, 2)];
  expect([...one, ...two]).toHaveLength(20);
  expect(one.length).toBeGreaterThan(2);
  expect(two.length).toBeGreaterThan(2);
  const some = await part('seq 5 12', 1);
  expect(some).toEqual(
    one.filter((line) => Number(line.slice(5)) >= 5 && Number(line.slice(5)) <= 12).toSorted(),
  );
});
