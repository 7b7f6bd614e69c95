import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { isRefName } from '../../base/ref-name.ts';
import { client } from '../git/test-support/git-server.ts';
import { startServer } from '../index.ts';
import { startTestedServer } from '../test-support/running-server.ts';
import { restoreBackup, takeBackup } from './index.ts';

/** What ends a line, a word or a text somewhere, or is what it looks like no more once it is normalized. */
const ODD = [
  ...'"\'`$%&;|<>(){}#!,=@',
  '\u00a0',
  '\u0085',
  '\u2028',
  '\u2029',
  '\u200b',
  '\ufeff',
  'e\u0301',
  '😀',
];

const name = fc
  .array(fc.oneof(fc.constantFrom(...ODD), fc.string({ unit: 'binary', maxLength: 4 }), fc.constant('/')), {
    minLength: 1,
    maxLength: 12,
  })
  .map((parts) => parts.join(''))
  .filter(isRefName);

test('whatever name a push may give to a ref, a backup of it can be restored', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-names-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const dataFolder = join(folder, 'data');
  const tested = await startTestedServer({ dataFolder });
  await tested.push({ 'a.txt': 'a' });
  let round = 0;

  await fc.assert(
    fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 20 }), async (found) => {
      round += 1;
      // Its own number each, so that none is a folder of another.
      const names = [...ODD, ...found].map((each, index) => `${round}/${index}/${each}`).filter(isRefName);
      const refs = names.map((each, index) => `${KINDS[index % KINDS.length]}/${each}`);
      const pushed = await client(tested.clone, 'push', 'origin', ...refs.map((ref) => `main:${ref}`));
      expect(pushed, pushed.stderr).toMatchObject({ code: 0 });

      const [file, restored] = [join(folder, `backup-${round}`), join(folder, `restored-${round}`)];
      await takeBackup({ dataFolder, file, replace: false, program: 'test', clock: systemClock });
      await restoreBackup({ dataFolder: restored, file, clock: systemClock });
      const there = await refsOf(join(restored, 'repositories', `${tested.projectId}.git`));
      expect(there).toEqual(await refsOf(join(dataFolder, 'repositories', `${tested.projectId}.git`)));
      expect(there.map((line) => line.slice(line.indexOf(' ') + 1))).toEqual(expect.arrayContaining(refs));
    }),
    { numRuns: 3 },
  );
});

test('notes are in a backup, also of a server that was started again since', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-notes-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [dataFolder, restored] = [join(folder, 'data'), join(folder, 'restored')];
  const tested = await startTestedServer({ dataFolder });
  await tested.push({ 'a.txt': 'a' });
  await client(tested.clone, 'notes', 'add', '-m', 'Reviewed');
  await client(tested.clone, 'push', 'origin', 'refs/notes/*');
  await tested.server[Symbol.asyncDispose]();
  const again = await startServer({
    ...{ dataFolder, host: '127.0.0.1', port: 0 },
    log: { level: 'warn', write: (line) => process.stderr.write(line) },
  });
  await again[Symbol.asyncDispose]();

  const file = join(folder, 'backup');
  await takeBackup({ dataFolder, file, replace: false, program: 'test', clock: systemClock });
  await restoreBackup({ dataFolder: restored, file, clock: systemClock });
  const repository = join(restored, 'repositories', `${tested.projectId}.git`);
  expect((await client(repository, 'notes', 'show', 'main')).stdout).toBe('Reviewed\n');
});

const KINDS = ['refs/heads', 'refs/tags', 'refs/notes'] as const;

async function refsOf(repository: string): Promise<readonly string[]> {
  const listed = await client(repository, 'for-each-ref', '--format=%(objectname) %(refname)');
  expect(listed.code).toBe(0);
  return listed.stdout.split('\n');
}
