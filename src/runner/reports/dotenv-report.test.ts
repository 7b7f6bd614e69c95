import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Tree, temporaryFolders, writeTree } from '../archive/test-support/temporary-folder.ts';
import { readDotenvReports } from './dotenv-report.ts';

const makeFolder = temporaryFolders();

async function read(tree: Tree, paths: readonly string[] = ['*.env']) {
  const workspace = await makeFolder();
  await writeTree(workspace, tree);
  const { variables, problem } = await readDotenvReports(workspace, paths);
  return { variables: Object.fromEntries(variables.map(({ key, value }) => [key, value])), problem };
}

describe('lines that GitLab accepts', () => {
  test.each<[string, Record<string, string>]>([
    ['A=1', { A: '1' }],
    ['A=1\nB=2\n', { A: '1', B: '2' }],
    ['A=1\r\nB=2\r\n', { A: '1', B: '2' }],
    [' A = 1 2 ', { A: '1 2' }],
    ['A=', { A: '' }],
    ['A=b=c', { A: 'b=c' }],
    ['A=1\nA=2', { A: '2' }],
    ['A="1"', { A: '"1"' }],
    ["A=' 1 '", { A: "' 1 '" }],
    ['A=1 # no comment', { A: '1 # no comment' }],
    ['A=$B ${C}', { A: '$B ${C}' }],
    ['1A=x', { '1A': 'x' }],
    ['a_Z9=🛹', { a_Z9: '🛹' }],
    ['\ufeffA=1', { A: '1' }],
    ['', {}],
  ])('%j', async (text, variables) => {
    expect(await read({ 'a.env': text })).toEqual({ variables, problem: null });
  });

  test('in the UTF-16 of PowerShell', async () => {
    const workspace = await makeFolder();
    await writeFile(join(workspace, 'a.env'), Buffer.from('\ufeffA=ü\r\n', 'utf16le'));
    expect((await readDotenvReports(workspace, ['a.env'])).variables).toEqual([
      { key: 'A', value: 'ü', file: false, masked: false, raw: false },
    ]);
  });
});

describe('one bad line refuses the report, and the message has no value in it', () => {
  test.each([
    ['A=1\n\nB=secret', 'line 2 is not KEY=VALUE'],
    ['# comment', 'line 1 is not KEY=VALUE'],
    ['A', 'line 1 is not KEY=VALUE'],
    ['=secret', 'the key in line 1 may have only letters, digits and _'],
    ['A B=secret', 'the key in line 1'],
    ['export A=secret', 'the key in line 1'],
    ['A-B=secret', 'the key in line 1'],
    ['Ä=secret', 'the key in line 1'],
    ['A=\0secret', 'the value in line 1 has a NUL'],
  ])('%j', async (text, problem) => {
    const result = await read({ 'a.env': text });
    expect(result.variables).toEqual({});
    expect(result.problem).toContain(problem);
    expect(result.problem).not.toContain('secret');
  });
});

test('a report has to be smaller than 5 KB, all its files together', async () => {
  expect((await read({ 'a.env': `A=${'x'.repeat(5_117)}` })).problem).toBeNull();
  expect((await read({ 'a.env': `A=${'x'.repeat(5_118)}` })).problem).toContain('too big');
  expect(
    (await read({ 'a.env': `A=${'x'.repeat(3_000)}`, 'b.env': `B=${'x'.repeat(3_000)}` })).problem,
  ).toContain('b.env');
});

test('150 variables are allowed, 151 are not', async () => {
  const lines = Array.from({ length: 151 }, (_, index) => `V${index}=x`);
  expect((await read({ 'a.env': lines.slice(0, 150).join('\n') })).problem).toBeNull();
  expect((await read({ 'a.env': lines.join('\n') })).problem).toContain('151 variables');
});

test('no file, a directory, or a link to somewhere else is no report', async () => {
  const outside = await makeFolder();
  await writeTree(outside, { secret: 'A=1' });
  const tree: Tree = {
    'link.env': { link: join(outside, 'secret') },
    'dir.env': '/',
    through: { link: outside },
  };
  expect(await read(tree, ['*.env', 'through/secret', join(outside, 'secret')])).toEqual({
    variables: {},
    problem: null,
  });
});
