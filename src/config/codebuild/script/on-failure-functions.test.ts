import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { extendedRegex } from './extended-regex.ts';
import { phase, runPhases } from './test-support/run-phases.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-retries-'));
});
afterEach(() => rm(folder, { recursive: true }));

function retry(pattern: string, times = 2) {
  return { onFailure: { kind: 'retry', times, pattern: extendedRegex(pattern) } } as const;
}

const TRY = 'echo x >> tries; echo in-try; echo "the connection timed out" >&2';

describe.each(['sh', 'bash'] as const)('in %s', (shell) => {
  test.each<{ what: string; pattern: string; command: string; tries: number }>([
    { what: 'it said that', pattern: '.*timed out.*', command: `${TRY}; false`, tries: 3 },
    { what: 'it said something else', pattern: 'no such host', command: `${TRY}; false`, tries: 1 },
    { what: 'its code tells', pattern: 'exit status 4$', command: `${TRY}; (exit 4)`, tries: 3 },
    { what: 'it ended the shell', pattern: '(?i)TIMED\\s+out', command: `${TRY}; exit 4`, tries: 3 },
    {
      what: 'it has thrown /tmp away',
      pattern: 'exit status 1',
      command: `${TRY}; rm -rf "$TMPDIR"/*; false`,
      tries: 3,
    },
  ])('a phase is tried again when $what', async ({ pattern, command, tries }) => {
    const { seen, output, code } = await runPhases(
      { folder, temporary: folder },
      { install: null, pre_build: null, build: phase([command, 'echo in-never'], retry(pattern)) },
      { shell },
    );
    expect(seen.match(/in-try/g)?.length, output).toBe(tries);
    expect(seen).toMatch(/in-post 0$/);
    expect(code).not.toBe(0);
  });

  test('what a command leaves behind, which writes on, does not hold the build up', async () => {
    const { seen, output } = await runPhases(
      { folder, temporary: folder },
      {
        build: phase([`sleep 1000 & echo $! >> running; ${TRY}; false`], retry('timed', 1)),
        post_build: phase(['kill $(cat running)', 'echo in-post']),
      },
      { shell },
    );
    expect(seen, output).toBe('in-install, in-pre, in-try, in-try, in-post');
  });

  test('what it says is in the log as it says it, and the shell stays the same', async () => {
    const { seen, output, code } = await runPhases(
      { folder, temporary: folder },
      {
        build: phase(['word=kept; cd /; echo in-build', 'echo "seen $word $PWD"'], retry('x')),
        post_build: phase(['echo "seen $word"']),
      },
      { shell },
    );
    expect({ seen, code }, output).toEqual({
      seen: 'in-install, in-pre, in-build, seen kept /, seen kept',
      code: 0,
    });
    expect(await readdir(folder)).toEqual([]);
  });
});
