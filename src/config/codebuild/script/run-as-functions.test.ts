import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EXPORTED_FILE } from './export-functions.ts';
import { extendedRegex } from './extended-regex.ts';
import type { Phase, PhaseName, PhasesScript } from './phases-script.ts';
import { phase, runPhases } from './test-support/run-phases.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-run-as-'));
  await chmod(folder, 0o711);
});
afterEach(() => rm(folder, { recursive: true }));

const run = (over: Partial<Record<PhaseName, Phase | null>>, more: Partial<PhasesScript> = {}) =>
  runPhases({ folder, temporary: folder }, over, more);

/** Whether this process may become somebody else: root in a namespace of one user may not. */
const mayBecome = canBecomeNobody();
const own = execFileSync('id', ['-un'], { encoding: 'utf8' }).trim();
const WHO = 'echo "seen $(id -un) $HOME $USER $GIVEN"';
const nobody = { user: 'nobody' } as const;

function canBecomeNobody(): boolean {
  try {
    const uid = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }));
    execFileSync('true', [], { uid });
    return true;
  } catch {
    return false;
  }
}

describe.each(['sh', 'bash'] as const)('in %s', (shell) => {
  test('a user that is not there fails the phase, however often it is tried', async () => {
    const { code, output, seen } = await run(
      {
        build: phase(['echo in-never'], {
          user: 'nobody-like-that',
          onFailure: { kind: 'retry', times: 1, pattern: null },
        }),
      },
      { shell },
    );
    expect({ code, seen }, output).toEqual({ code: 1, seen: 'in-install, in-pre, in-post 0' });
    expect(output).toContain('Message: run-as: there is no user nobody-like-that\n');
    expect(output.match(/Entering phase BUILD/g)).toHaveLength(2);
  });

  test('the user of the job needs nothing', async () => {
    const { seen, output } = await run({ build: phase([WHO], { user: own }) }, { shell });
    expect(seen, output).toMatch(new RegExp(`in-pre, seen ${own} .*, in-post 1`));
    expect(output).not.toContain('nothing can be run as');
  });

  test.runIf(mayBecome)('phases of one user share a shell, with what was exported before', async () => {
    const { code, seen, output } = await run(
      {
        install: phase(['GIVEN=changed; lost=1; cd /']),
        pre_build: phase([WHO, 'kept=1'], nobody),
        build: phase(['echo "seen $kept $PWD ${lost-}"'], nobody),
        post_build: phase([WHO]),
      },
      { shell },
    );
    expect({ code, seen: seen.replace(/root \S* {1,2}/, 'root ') }, output).toEqual({
      code: 0,
      seen: 'seen nobody /nonexistent nobody changed, seen 1 / , seen root changed',
    });
  });

  test.runIf(mayBecome)('all phases of a build, of which one ends the shell', async () => {
    const { code, seen, output } = await run(
      {
        install: phase([WHO], nobody),
        pre_build: null,
        build: phase(['echo in-build; exit 5', 'echo in-never'], { ...nobody, finally: ['echo in-finally'] }),
        post_build: phase(['echo "in-post $(id -un) $CODEBUILD_BUILD_SUCCEEDING"'], nobody),
      },
      { shell },
    );
    expect({ code, seen }, output).toEqual({
      code: 5,
      seen: 'seen nobody /nonexistent nobody given, in-build, in-finally, in-post nobody 0',
    });
    expect(output).toContain(
      'Message: Error while executing command: echo in-build; exit 5. Reason: exit status 5\n',
    );
    expect(output.match(/Phase complete/g)).toHaveLength(3);
  });

  test.runIf(mayBecome)('only exported variables come back, and nothing of them is a command', async () => {
    const { output } = await run(
      {
        build: phase(
          [
            "VERSION=1.4; OTHER=1; BAD='$(touch bad)`touch bad`'",
            'echo "PATH=/x" >> .codebuild/exported.env',
          ],
          nobody,
        ),
        post_build: phase(['echo "seen $VERSION ${OTHER-unset} $BAD"; VERSION=$VERSION.1']),
      },
      { shell, exported: ['VERSION', 'BAD'] },
    );
    expect(output).toContain('seen 1.4 unset $(touch bad)`touch bad`\n');
    expect(await readFile(join(folder, EXPORTED_FILE), 'utf8')).toBe(
      'VERSION=1.4.1\nBAD=$(touch bad)`touch bad`\n',
    );
  });

  test.runIf(mayBecome)('a phase of another user is tried again', async () => {
    const pattern = extendedRegex('once more');
    const { seen, code, output } = await run(
      {
        build: phase(['echo in-try; echo once more; exit 3'], {
          ...nobody,
          onFailure: { kind: 'retry', times: 1, pattern },
        }),
      },
      { shell },
    );
    expect({ seen, code }, output).toEqual({
      seen: 'in-install, in-pre, in-try, in-try, in-post 0',
      code: 3,
    });
  });

  test.runIf(mayBecome)('it reads the source, and changes nothing of it', async () => {
    await run({
      install: phase(['umask 077; echo text > file']),
      build: phase(['cat file; rm -f file'], nobody),
    });
    expect((await stat(join(folder, 'file'))).size).toBe(5);
  });

  test.runIf(!mayBecome)('who is not root stays who they are, and the log says so', async () => {
    const { code, seen, output } = await run({ build: phase(['echo "seen $(id -un)"'], nobody) }, { shell });
    expect({ code, seen }).toEqual({ code: 0, seen: `in-install, in-pre, seen ${own}, in-post 1` });
    expect(output).toContain(`run-as: nothing can be run as nobody here; all commands run as ${own}\n`);
  });
});
