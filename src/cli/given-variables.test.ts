import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../base/app-error.ts';
import { givenVariables, parseVariableLines } from './given-variables.ts';
import { type Io, processIo } from './io.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-variables-'));
});
afterEach(() => rm(folder, { recursive: true }));

function given(
  options: { var?: readonly string[]; varFile?: readonly string[] },
  environment: Io['environment'] = {},
) {
  return givenVariables({ ...processIo(), folder, environment }, { var: [], varFile: [], ...options });
}

describe('variables of a command line', () => {
  it('takes what stands on it as it is: no secret, with $ expanded', async () => {
    expect(await given({ var: ['A=1', 'URL=http://x?a=b', 'EMPTY='] })).toEqual({
      A: { value: '1', expand: true, masked: false, file: false },
      URL: { value: 'http://x?a=b', expand: true, masked: false, file: false },
      EMPTY: { value: '', expand: true, masked: false, file: false },
    });
  });

  it('takes a value from the environment, as a secret', async () => {
    expect(await given({ var: ['TOKEN'] }, { TOKEN: 'pa$$word1' })).toEqual({
      TOKEN: { value: 'pa$$word1', expand: false, masked: true, file: false },
    });
    await expect(given({ var: ['TOKEN'] })).rejects.toMatchObject({ code: 'bad-option' });
  });

  it('reads files first, then --var over them', async () => {
    await writeFile(join(folder, 'a.env'), 'A=from the file\nB=2\n');
    await writeFile(
      join(folder, 'b.json'),
      '{"B": "json", "KEY": {"value": "k", "file": true, "masked": true}}',
    );
    expect(await given({ var: ['A=given'], varFile: ['a.env', 'b.json'] })).toEqual({
      A: { value: 'given', expand: true, masked: false, file: false },
      B: { value: 'json', expand: false, masked: false, file: false },
      KEY: { value: 'k', expand: false, masked: true, file: true },
    });
  });

  it.each([
    ['a comment and an empty line', '# no\n\nA=1\n', { A: '1' }],
    ['export and spaces', ' export A = 1 \n', { A: '1' }],
    ['quotes', 'A="x y"\nB=\'#z\'\n', { A: 'x y', B: '#z' }],
    [
      'a key over several lines',
      'KEY="-----BEGIN\nabc=\n-----END"\nB=1',
      { KEY: '-----BEGIN\nabc=\n-----END', B: '1' },
    ],
    ['Windows line ends', 'A=1\r\nB=2\r\n', { A: '1', B: '2' }],
  ])('reads %s', (_name, text, expected) => {
    const read = parseVariableLines(text, 'x.env');
    expect(Object.fromEntries(Object.entries(read).map(([key, { value }]) => [key, value]))).toEqual(
      expected,
    );
  });

  it.each([
    ['no variable', 'hello', 'line 1 of x.env'],
    ['a name that is none', 'A=1\n2B=1', '2B'],
    ['a quote that never ends', 'A="x', 'never ends'],
  ])('refuses %s', (_name, text, message) => {
    expect(() => parseVariableLines(text, 'x.env')).toThrow(AppError);
    expect(() => parseVariableLines(text, 'x.env')).toThrow(message);
  });

  it('says which file cannot be read', async () => {
    await expect(given({ varFile: ['none.env'] })).rejects.toThrow(/none\.env cannot be read/);
  });
});
