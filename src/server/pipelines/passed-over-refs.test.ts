import { expect, test } from 'vitest';
import { client } from '../git/test-support/git-server.ts';
import { startTestedServer } from '../test-support/running-server.ts';
import { linesAboutPassedOver } from './passed-over-refs.ts';

test.each([
  [0, null],
  [1, 'p1'],
  [2, 'p1 and p2'],
  [3, 'p1, p2 and p3'],
  [4, 'p1, p2 and 2 more'],
  [996, 'p1, p2 and 994 more'],
])('of %i refs that were passed over it names %s', (count, listed) => {
  const names = Array.from({ length: count }, (_, index) => `p${index + 1}`);
  expect(linesAboutPassedOver(names)).toEqual(
    listed === null ? [] : [`No pipeline for ${listed}: only the first four refs of a push get one.`],
  );
});

test('a push of many refs says which of them get no pipeline', async () => {
  const { push, clone } = await startTestedServer();
  await push({ '.gitlab-ci.yml': 'build: {script: [make]}\n' });
  const branches = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'].map((name) => `main:refs/heads/${name}`);
  const pushed = await client(clone, 'push', 'origin', ...branches, 'main:refs/notes/n');
  expect(pushed.stderr.match(/Pipeline #\d+ for p\d/g)).toHaveLength(4);
  expect(pushed.stderr).toContain('No pipeline for p5 and p6: only the first four refs of a push get one.');

  const skipped = await client(
    clone,
    'push',
    '-o',
    'ci.skip',
    'origin',
    ...branches.map((name) => `${name}s`),
  );
  expect(skipped).toMatchObject({ code: 0, stderr: expect.not.stringContaining('No pipeline for') });
});
