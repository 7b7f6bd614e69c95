import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXPORTED_FILE } from './export-functions.ts';
import type { Phase, PhaseName, PhasesScript } from './phases-script.ts';
import { phase, runPhases } from './test-support/run-phases.ts';

let folder = '';
let temporary = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-phases-'));
  temporary = await mkdtemp(join(tmpdir(), 'slipway-phases-tmp-'));
});
afterAll(() => Promise.all([folder, temporary].map((path) => rm(path, { recursive: true }))));

const run = (over: Partial<Record<PhaseName, Phase | null>>, more: Partial<PhasesScript> = {}) =>
  runPhases({ folder, temporary }, over, more);

describe.each(['sh', 'bash'] as const)('in %s', (shell) => {
  test.each<{
    what: string;
    over: Partial<Record<PhaseName, Phase | null>>;
    seen: string;
    code: number | null;
  }>([
    { what: 'all goes well', over: {}, seen: 'in-install, in-pre, in-build, in-post 1', code: 0 },
    { what: 'install fails', over: { install: phase(['exit 3']) }, seen: '', code: 3 },
    { what: 'pre_build fails', over: { pre_build: phase(['false']) }, seen: 'in-install', code: 1 },
    {
      what: 'build fails: post_build comes all the same',
      over: { build: phase(['false', 'echo in-never']) },
      seen: 'in-install, in-pre, in-post 0',
      code: 1,
    },
    {
      what: 'a command of the build ends the shell',
      over: { build: phase(['exit 7', 'echo in-never']) },
      seen: 'in-install, in-pre, in-post 0',
      code: 7,
    },
    {
      what: 'a command ends the shell with 0',
      over: { build: phase(['exit 0', 'echo in-never']) },
      seen: 'in-install, in-pre, in-post 1',
      code: 0,
    },
    {
      what: 'a failed build stays failed whatever post_build says',
      over: { build: phase(['false']), post_build: phase(['exit 0']) },
      seen: 'in-install, in-pre',
      code: 1,
    },
    {
      what: 'post_build fails',
      over: { post_build: phase(['(exit 4)']) },
      seen: 'in-install, in-pre, in-build',
      code: 4,
    },
    {
      what: 'build fails and is to abort',
      over: { build: phase(['false'], { onFailure: { kind: 'abort' } }) },
      seen: 'in-install, in-pre',
      code: 1,
    },
    {
      what: 'install fails and is to continue',
      over: { install: phase(['(exit 9)'], { onFailure: { kind: 'continue' } }) },
      seen: 'in-pre, in-build, in-post 0',
      code: 9,
    },
    {
      what: 'finally is run after a failure, and after an exit',
      over: {
        pre_build: phase(['exit 5'], { finally: ['echo "in-finally $CODEBUILD_BUILD_SUCCEEDING"'] }),
      },
      seen: 'in-install, in-finally 0',
      code: 5,
    },
    {
      what: 'finally fails',
      over: { build: phase(['echo in-build'], { finally: ['(exit 6)', 'echo in-never'] }) },
      seen: 'in-install, in-pre, in-build, in-post 0',
      code: 6,
    },
    {
      what: 'finally ends the shell',
      over: { build: phase(['echo in-build'], { finally: ['exit 6'] }) },
      seen: 'in-install, in-pre, in-build, in-post 0',
      code: 6,
    },
    {
      what: 'a phase that fails twice has three tries',
      over: {
        build: phase(['echo x >> tries; echo "in-try"; [ $(wc -l < tries) -eq 3 ] && rm tries'], {
          onFailure: { kind: 'retry', times: 3, pattern: null },
        }),
      },
      seen: 'in-install, in-pre, in-try, in-try, in-try, in-post 1',
      code: 0,
    },
    {
      what: 'a phase that always fails has its tries, and no more',
      over: {
        install: phase(['echo in-try; exit 2'], { onFailure: { kind: 'retry', times: 1, pattern: null } }),
      },
      seen: 'in-try, in-try',
      code: 2,
    },
    {
      what: 'phases are missing',
      over: { install: null, pre_build: null, post_build: null },
      seen: 'in-build',
      code: 0,
    },
    {
      what: 'a command is no shell at all',
      over: { build: phase(['if then fi (']) },
      seen: 'in-install, in-pre, in-post 0',
      code: null,
    },
  ])('$what', async ({ over, seen, code }) => {
    const result = await run(over, { shell });
    expect(result.seen).toBe(seen);
    // Which code a shell gives to what it cannot read is its own affair.
    if (code === null) expect(result.code).not.toBe(0);
    else expect(result.code).toBe(code);
  });

  test('commands of one phase, and phases, share folder, variables and functions', async () => {
    const { seen } = await run(
      {
        install: phase(['mkdir -p sub && cd sub', 'here() { echo "seen $1 $word"; }', 'word="two words"']),
        build: phase(['here "$(basename "$PWD")"']),
      },
      { shell },
    );
    expect(seen).toContain('seen sub two words');
  });
});

test('each command of version 0.1 starts afresh, where the source is', async () => {
  const { seen, code } = await run(
    {
      install: phase([
        'cd /',
        'lost=yes; GIVEN=changed; export GIVEN',
        'cd -',
        'echo "seen $PWD ${lost-no} $GIVEN"',
      ]),
    },
    { version: '0.1' },
  );
  expect({ seen: seen.split(', ')[0], code }).toEqual({ seen: `seen ${folder} no given`, code: 0 });
});

test('the log tells phases and commands as CodeBuild does', async () => {
  const { output } = await run({ build: phase(['(exit 3)']) });
  expect(output).toContain('[Container] Entering phase BUILD\n[Container] Running command (exit 3)\n');
  expect(output).toContain(
    '[Container] Command did not exit successfully (exit 3) exit status 3\n' +
      '[Container] Phase complete: BUILD State: FAILED\n' +
      '[Container] Phase context status code: COMMAND_EXECUTION_ERROR Message: ' +
      'Error while executing command: (exit 3). Reason: exit status 3\n',
  );
  expect(output).toContain(
    '[Container] Phase complete: INSTALL State: SUCCEEDED\n[Container] Phase context status code:  Message: \n',
  );
});

test('a build that empties /tmp goes on', async () => {
  // Its own: the script asks mktemp, which looks there.
  const { seen, code } = await run({ install: phase(['rm -rf "$TMPDIR"/*', 'exit 0']) });
  expect({ seen, code }).toEqual({ seen: 'in-pre, in-build, in-post 1', code: 0 });
});

test('a command that opens files of its own runs once, and what follows does, too', async () => {
  const { seen, code } = await run({ build: phase(['exec 8>&1 9>lock; echo "in-build $#"', 'rm lock']) });
  expect({ seen, code }).toEqual({ seen: 'in-install, in-pre, in-build 0, in-post 1', code: 0 });
});

test('a value of two lines is not exported: it would be two variables', async () => {
  const { output } = await run({ build: phase(["TWO='a\nINJECTED=1'"]) }, { exported: ['TWO', 'GIVEN'] });
  expect(await readFile(join(folder, EXPORTED_FILE), 'utf8')).toBe('GIVEN=given\n');
  expect(output).toContain('TWO is not exported');
});

test('a command may hold anything', async () => {
  const { seen } = await run({
    build: phase([
      'echo \'in-quotes "$HOME"\'',
      'echo "in-lines',
      'cat <<END_OF_PHASES\nin-here $GIVEN\nEND_OF_PHASES',
    ]),
  });
  expect(seen).toContain('in-quotes "$HOME"');
});

test('exported variables are there for later jobs, also those that a command has set', async () => {
  await run({ build: phase(['RESULT="it is = done"']) }, { exported: ['RESULT', 'GIVEN', 'UNSET'] });
  expect(await readFile(join(folder, EXPORTED_FILE), 'utf8')).toBe(
    'RESULT=it is = done\nGIVEN=given\nUNSET=\n',
  );
});
