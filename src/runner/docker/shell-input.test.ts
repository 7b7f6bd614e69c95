import { Buffer } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterMarker, SHELL_COMMAND, shellInput } from './shell-input.ts';

describe('what a shell is given to read', () => {
  it.each([
    { script: 'exit 3', status: 3, output: '' },
    { script: 'cat; echo after', status: 0, output: 'after\n' },
    { script: "echo 'a '\\''quote'\\'''", status: 0, output: "a 'quote'\n" },
    { script: 'echo out; echo err >&2; echo out', status: 0, output: 'out\nerr\nout\n' },
    { script: 'set -e\nfalse\necho no', status: 1, output: '' },
    { script: 'cat <<"END"\n$A `b` \\ "c"\nEND', status: 0, output: '$A `b` \\ "c"\n' },
    { script: 'kill -KILL $$', status: 137, output: '' },
    { script: 'trap "echo bye" EXIT; exit 2', status: 2, output: 'bye\n' },
  ])('runs `$script`', ({ script, status, output }) => {
    const [program = '', ...args] = SHELL_COMMAND;
    const ran = spawnSync(program, args, { input: shellInput(script, '<mark>'), encoding: 'utf8' });
    expect({ status: ran.status, output: ran.stdout }).toEqual({ status, output: `<mark>${output}` });
  });
});

describe('the output behind the marker', () => {
  it('is all of it but the first marker, wherever it is cut', async () => {
    const text = fc.string({ unit: fc.constantFrom('<', 'm', 'a', '>', 'x') });
    await fc.assert(
      fc.asyncProperty(text, text, fc.integer({ min: 1, max: 7 }), async (before, after, size) => {
        fc.pre(!`${before}<ma>`.slice(0, -1).includes('<ma>') && !before.includes('<ma>'));
        const { output, started } = await read(`${before}<ma>${after}`, '<ma>', size);
        expect({ output, started }).toEqual({ output: before + after, started: true });
      }),
    );
  });

  it('is all there is when the marker never comes', async () => {
    expect(await read('only <m of it', '<ma>', 3)).toEqual({ output: 'only <m of it', started: false });
  });
});

async function read(wire: string, marker: string, size: number) {
  async function* pieces() {
    for (let at = 0; at < wire.length; at += size) yield Buffer.from(wire.slice(at, at + size));
  }
  let started = false;
  let output = '';
  const bytes = afterMarker(pieces(), marker, () => {
    started = true;
  });
  for await (const piece of bytes) output += Buffer.from(piece).toString();
  return { output, started };
}
