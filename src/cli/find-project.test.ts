import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProject, type ProjectOptions } from './find-project.ts';

/**
 *     outside.yml
 *     repo/.gitlab-ci.yml         the repository's top
 *     repo/ci/deploy.yml
 *     repo/examples/one/.gitlab-ci.yml
 */
let base = '';
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'slipway-find-'));
  await mkdir(join(base, 'repo/ci'), { recursive: true });
  await mkdir(join(base, 'repo/examples/one'), { recursive: true });
  for (const file of [
    'outside.yml',
    'repo/.gitlab-ci.yml',
    'repo/ci/deploy.yml',
    'repo/examples/one/.gitlab-ci.yml',
  ]) {
    await writeFile(join(base, file), '');
  }
});
afterAll(() => rm(base, { recursive: true }));

async function find(current: string, options: ProjectOptions): Promise<string> {
  const top = join(base, 'repo');
  const rootOf = async (folder: string) => (folder.startsWith(top) ? top : folder);
  const { root, file } = await findProject(join(base, current), options, rootOf);
  return `${root.slice(base.length + 1)} ${file}`;
}

describe('where a pipeline file is looked for', () => {
  it.each<[string, string, ProjectOptions, string]>([
    ['at the top', 'repo', {}, 'repo .gitlab-ci.yml'],
    ['from a folder below', 'repo/ci', {}, 'repo .gitlab-ci.yml'],
    [
      'a folder with a file of its own is no project by being entered',
      'repo/examples/one',
      {},
      'repo .gitlab-ci.yml',
    ],
    ['but by being named', 'repo', { repository: 'examples/one' }, 'repo/examples/one .gitlab-ci.yml'],
    ['a named folder without one', '', { repository: 'repo/ci' }, 'repo .gitlab-ci.yml'],
    ['a file from the top', 'repo', { file: 'ci/deploy.yml' }, 'repo ci/deploy.yml'],
    ['a file from where one is', 'repo/ci', { file: 'deploy.yml' }, 'repo ci/deploy.yml'],
    [
      'a file from the top, called from below',
      'repo/examples',
      { file: 'ci/deploy.yml' },
      'repo ci/deploy.yml',
    ],
    ['any file, to lint it', 'repo', { file: '../outside.yml', anywhere: true }, ' outside.yml'],
  ])('%s', async (_name, current, options, expected) => {
    expect(await find(current, options)).toBe(expected);
  });

  it.each<[string, string, ProjectOptions, string]>([
    ['no file', '', {}, 'There is no pipeline file in'],
    ['no such file', 'repo', { file: 'none.yml' }, 'There is no none.yml in'],
    ['no such folder', 'repo', { repository: 'none' }, 'There is no folder'],
    ['a file outside', 'repo', { file: '../outside.yml' }, 'is not in the repository'],
  ])('%s', async (_name, current, options, message) => {
    await expect(find(current, options)).rejects.toThrow(message);
  });
});

describe('the file that nobody named', () => {
  it.each<[string, readonly string[], string, readonly string[]]>([
    ['is one of CodeBuild', ['buildspec.yml'], 'buildspec.yml', []],
    ['is one of Cloud Build', ['cloudbuild.json'], 'cloudbuild.json', []],
    [
      'is the first in order, and the others are told',
      ['cloudbuild.yaml', 'buildspec.yaml', '.gitlab-ci.yml'],
      '.gitlab-ci.yml',
      ['buildspec.yaml', 'cloudbuild.yaml'],
    ],
  ])('%s', async (_name, files, expected, others) => {
    const root = await mkdtemp(join(tmpdir(), 'slipway-find-unnamed-'));
    for (const file of files) await writeFile(join(root, file), '');
    expect(await findProject(root, {}, async () => root)).toEqual({ root, file: expected, others });
    await rm(root, { recursive: true });
  });
});
