import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { givenProjects } from './given-projects.ts';
import { processIo } from './io.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-projects-'));
  writeFileSync(join(folder, 'file'), '');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a folder is named from where the command was called', async () => {
  const project = [`group/sub/a=${basename(folder)}`, `group/b=/`, `group/b=${folder}`];
  const io = { ...processIo(), folder: dirname(folder) };
  const found = await givenProjects(io, { project });
  expect([...found]).toEqual([
    ['group/sub/a', folder],
    ['group/b', folder],
  ]);
});

test.each([
  ['group/name', 'must have the form'],
  ['group/name=', 'must have the form'],
  ['name=.', 'must have the form'],
  ['/name=.', 'must have the form'],
  ['group/name=nowhere', 'there is no folder'],
  ['group/name=file', 'there is no folder'],
])('%s is refused', async (text, why) => {
  const io = { ...processIo(), folder };
  await expect(givenProjects(io, { project: [text] })).rejects.toMatchObject({
    code: 'bad-option',
    message: expect.stringContaining(why),
  });
});
