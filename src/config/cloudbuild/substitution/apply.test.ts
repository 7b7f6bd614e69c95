import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readText } from '../test-support/read-text.ts';
import { applyOperation } from './apply.ts';
import { parseTemplate, readOperation } from './parse.ts';

const hasBash = isThere('bash');

/** What stands behind the name, made of pieces that mean something. */
const word = fc.stringMatching(/^[a-c.\-x]{0,3}$/);
const pattern = fc
  .array(
    fc.constantFrom('a', 'b', 'A', '-', '.', '*', '?', '[ab]', '[!a]', '[a-c]', '[[:upper:]]', '\\*', '\\/'),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((parts) => parts.join(''));
const slashless = pattern.filter((text) => !/^[#%/]/.test(text));
const operation = fc.oneof(
  fc.tuple(fc.constantFrom(':-', '-', ':+', '+', ':=', '='), word).map((parts) => parts.join('')),
  fc.tuple(fc.constantFrom('#', '##', '%', '%%'), pattern).map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom('/', '//', '/#', '/%'), slashless, word)
    .map(([sign, one, by]) => `${sign}${one}/${by}`),
  fc
    .tuple(fc.constantFrom('^', '^^', ',', ',,'), fc.constantFrom('', 'a', '[abAB]', '?'))
    .map((parts) => parts.join('')),
  fc.nat(8).map((offset) => `:${offset}`),
  fc.tuple(fc.nat(8), fc.nat(8)).map(([offset, length]) => `:${offset}:${length}`),
  fc.integer({ min: -5, max: -1 }).map((offset) => `: ${offset}`),
  fc.tuple(fc.integer({ min: -5, max: -1 }), fc.nat(4)).map(([offset, length]) => `: ${offset}:${length}`),
);
const value = fc.stringMatching(/^[abcAB.\-*/]{0,8}$/);

describe.skipIf(!hasBash)('an operation', () => {
  test('does what bash does', () => {
    const cases = fc.sample(fc.tuple(fc.option(value, { freq: 8 }), operation), { numRuns: 1500, seed: 7 });
    const lines = cases.map(
      ([text, after]) => `${text === null ? 'unset V' : `V='${text}'`}\nprintf '%s\\0' "\${V${after}}"`,
    );
    const script = `shopt -u patsub_replacement 2>/dev/null\n${lines.join('\n')}`;
    const answers = execFileSync('bash', ['--norc', '-c', script], {
      env: { LC_ALL: 'C', PATH: process.env.PATH },
    })
      .toString()
      .split('\0');
    for (const [index, [text, after]] of cases.entries()) {
      expect({ text, after, becomes: ours(text, after) }).toEqual({ text, after, becomes: answers[index] });
    }
  });
});

describe('a text with substitutions', () => {
  test('never throws and never hangs, whatever it is', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '$',
        '$$',
        '${',
        '}',
        '_A',
        '_B',
        '$_A',
        '${_A',
        ':-',
        '//',
        '##',
        '*',
        '[',
        '\\',
        '"',
        "'",
        '/',
        '\n',
      ),
      fc.string({ maxLength: 3 }),
    );
    const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(text, text, text, async (args, a, b) => {
        const build = { steps: [{ name: 'alpine', args: [args] }], substitutions: { _A: a, _B: b } };
        await readText(JSON.stringify(build));
      }),
      { numRuns: 500 },
    );
  });

  test('is a dollar for each two, and what is between others is left alone', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9 (){}@?!*#-]*$/), (text) => {
        const written = `$$${text.replaceAll('$', '')}`;
        const [part] = parseTemplate(written, true);
        expect(part).toEqual({ kind: 'text', text: `$${text}` });
      }),
    );
  });

  test.each([
    ['many patterns on a long text', { _A: 'a'.repeat(3_900), _P: `${'*a'.repeat(900)}b` }, '${_A//$_P/x}'],
    [
      'a suffix that may start anywhere',
      { _A: 'ab'.repeat(1_900), _P: `${'?*'.repeat(900)}c` },
      '${_A%%$_P}',
    ],
    ['values that double', doubling(60), '$_D59'],
    ['operations in operations', { _A: '' }, `${'${_A:-'.repeat(900)}x${'}'.repeat(900)}`],
    ['braces that are never closed', { _A: '' }, '${_A:-'.repeat(2_000)],
  ])('is bounded: %s', async (_, substitutions, argument) => {
    const started = process.cpuUsage();
    const reading = await readText(
      JSON.stringify({ steps: [{ name: 'alpine', args: [argument] }], substitutions }),
    );
    expect(reading.problems.length).toBeGreaterThan(0);
    const { user } = process.cpuUsage(started);
    expect(user / 1e6).toBeLessThan(20);
  });
});

function doubling(count: number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`_D${at}`, at === 0 ? 'x' : `$_D${at - 1}$_D${at - 1}`]),
  );
}

function ours(text: string | null, after: string): string {
  const read = readOperation(after);
  if (read === null) return `no operation: ${after}`;
  const result = applyOperation(text, read, (inner) => inner, { left: 1e7 });
  return 'text' in result ? result.text : result.fault;
}

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
