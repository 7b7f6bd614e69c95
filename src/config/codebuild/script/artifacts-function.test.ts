import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BuildArtifact } from './artifacts-function.ts';
import { phasesScript } from './phases-script.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-artifacts-'));
});
afterEach(() => rm(folder, { recursive: true }));

const PLAIN: BuildArtifact = {
  id: 'primary',
  name: null,
  base: '',
  files: ['**/*'],
  exclude: [],
  isFlat: false,
  keepsLinks: false,
};

const TREE = [
  'README.md',
  '.env',
  '.git/config',
  '.codebuild/buildspec.yml',
  'dist/index.html',
  'dist/.hidden',
  'dist/css/site.css',
  'dist/css/-x.tmp',
  'dist/a b/[c]/*.txt',
  'out-1/one.txt',
  'out-2/deep/two.txt',
];

interface Outcome {
  readonly code: number;
  readonly kept: readonly string[];
  readonly output: string;
}

async function keep(
  artifacts: readonly Partial<BuildArtifact>[],
  {
    shell = 'sh',
    staged = true,
    commands = ['cd dist'],
    tree = TREE,
  }: {
    readonly shell?: 'sh' | 'bash';
    readonly staged?: boolean;
    readonly commands?: readonly string[];
    readonly tree?: readonly string[];
  } = {},
): Promise<Outcome> {
  for (const path of tree) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `${path}\n`);
  }
  const script = phasesScript({
    version: '0.2',
    shell,
    phases: {
      install: null,
      pre_build: null,
      build: { commands, finally: [], onFailure: { kind: 'default' }, user: null },
      post_build: null,
    },
    exported: [],
    artifacts: { staged, artifacts: artifacts.map((one) => ({ ...PLAIN, ...one })) },
  });
  const env = { PATH: process.env.PATH, CODEBUILD_SRC_DIR: folder, GIVEN: 'dist', TMPDIR: folder };
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
    execFile('bash', ['-c', `set -eo pipefail\n${script}`], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
    );
  });
  return { code, output, kept: await filesBelow(join(folder, '.codebuild/artifacts')) };
}

async function filesBelow(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
}

describe.each(['sh', 'bash'] as const)('in %s', (shell) => {
  test.each<{ what: string; one: Partial<BuildArtifact>; kept: readonly string[] }>([
    {
      what: 'all files, also hidden ones, but not those of git',
      one: {},
      kept: TREE.filter((path) => !path.startsWith('.git/')),
    },
    {
      what: 'a base directory is no part of the names',
      one: { base: 'dist' },
      kept: ['.hidden', 'a b/[c]/*.txt', 'css/-x.tmp', 'css/site.css', 'index.html'],
    },
    {
      what: 'without their folders',
      one: { base: 'dist', isFlat: true },
      kept: ['*.txt', '-x.tmp', '.hidden', 'index.html', 'site.css'],
    },
    {
      what: 'several base directories',
      one: { base: 'out-*' },
      kept: ['deep/two.txt', 'one.txt'],
    },
    {
      what: 'a star stays in its folder',
      one: { files: ['dist/*'] },
      kept: ['dist/.hidden', 'dist/index.html'],
    },
    {
      what: 'a folder is all that is in it',
      one: { files: ['out-2', 'nowhere'] },
      kept: ['out-2/deep/two.txt'],
    },
    {
      what: 'folders in the middle, however many',
      one: { files: ['**/**/*.txt', './README.md'] },
      kept: ['README.md', 'dist/a b/[c]/*.txt', 'out-1/one.txt', 'out-2/deep/two.txt'],
    },
    {
      what: 'names that look like globs mean themselves',
      one: { files: ['dist/*/*/*'] },
      kept: ['dist/a b/[c]/*.txt'],
    },
    {
      what: 'some are left out',
      one: { base: 'dist', exclude: ['**/*.tmp', 'a b/**', '.hidden', '**/nothing/*'] },
      kept: ['css/site.css', 'index.html'],
    },
    {
      what: 'variables, and the source folder by its variable',
      one: { base: '${CODEBUILD_SRC_DIR}/$GIVEN', files: ['$CODEBUILD_SRC_DIR/README.md', 'c*/*.css'] },
      kept: ['README.md', 'css/site.css'],
    },
    {
      what: 'no command is run in a path',
      one: { files: ['README.md', '$(touch x)`touch y`'] },
      kept: ['README.md'],
    },
    { what: 'nothing outside', one: { files: ['README.md', '../*'] }, kept: ['README.md'] },
  ])('$what', async ({ one, kept }) => {
    const outcome = await keep([one], { shell });
    expect(outcome.kept, outcome.output).toEqual(kept.map((path) => `primary/${path}`).toSorted());
    expect(outcome.code, outcome.output).toBe(0);
    expect(outcome.output).toContain(`[Container] Found ${kept.length} file(s)\n`);
    expect(await readdir(folder)).not.toContain('x');
  });

  test('each artifact has a folder, called by its name where it has one', async () => {
    const { kept, code } = await keep(
      [
        { files: ['README.md'], name: 'app-$(echo "$GIVEN" | tr d D)-$V' },
        { id: 'one', files: ['**/one.txt'], base: 'out-1' },
        { id: "it's", files: ['one.txt'], base: 'out-1', name: '../..' },
        { id: 'two', files: ['one.txt'], base: 'out-1', name: '/' },
        { id: 'three', files: ['one.txt'], base: 'out-1', name: '' },
      ],
      { shell, commands: ['V=1.4'] },
    );
    expect({ code, kept }).toEqual({
      code: 0,
      kept: ['app-Dist-1.4/README.md', "it's/one.txt", 'one/one.txt', 'three/one.txt', 'two/one.txt'],
    });
  });
});

test('files are taken from outside of the source folder, too', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'slipway-elsewhere-'));
  try {
    await writeFile(join(elsewhere, 'one.txt'), 'one\n');
    const { code, kept } = await keep([
      { base: elsewhere },
      { id: 'whole', files: [join(elsewhere, '*.txt')], isFlat: true },
    ]);
    expect({ code, kept }).toEqual({ code: 0, kept: ['primary/one.txt', 'whole/one.txt'] });
  } finally {
    await rm(elsewhere, { recursive: true });
  }
});

test('links are kept when that is asked for, or what they lead to', async () => {
  await symlink('README.md', join(folder, 'link'));
  await symlink('nowhere', join(folder, 'dead'));
  await symlink('dist', join(folder, 'folder'));
  const plain = await keep([{ files: ['*'], exclude: ['.*'] }]);
  expect(plain.kept).toEqual(['primary/README.md', 'primary/link']);
  expect(await readFile(join(folder, '.codebuild/artifacts/primary/link'), 'utf8')).toBe('README.md\n');
  const linked = await keep([{ files: ['*'], exclude: ['.*'], keepsLinks: true }]);
  expect(linked.kept).toEqual(['README.md', 'dead', 'folder', 'link'].map((name) => `primary/${name}`));
});

test('a thousand files in one folder', async () => {
  const tree = Array.from({ length: 1_000 }, (_, index) => `many/${index}`);
  const { kept, code } = await keep([{ files: ['many/**/*'] }], { tree, commands: ['true'] });
  expect({ code, count: kept.length }).toEqual({ code: 0, count: 1_000 });
});

test.each<{ what: string; one: Partial<BuildArtifact>; message: string }>([
  { what: 'files', one: { files: ['*.war'] }, message: 'no matching artifact paths found' },
  { what: 'base', one: { base: 'target' }, message: 'no matching base directory path found for target' },
  { what: 'left', one: { files: ['*.md'], exclude: ['*.md'] }, message: 'no matching artifact paths found' },
])('a build whose artifact has no $what fails, laid out or not', async ({ one, message }) => {
  for (const staged of [true, false]) {
    const { code, output, kept } = await keep([one], { staged });
    expect(code).toBe(1);
    expect(kept).toEqual([]);
    expect(output).toContain(`Phase context status code: CLIENT_ERROR Message: ${message}\n`);
  }
});

test('files that need not be laid out stay where they are', async () => {
  const { code, output, kept } = await keep([{}], { staged: false });
  expect({ code, kept }).toEqual({ code: 0, kept: [] });
  expect(output).toContain('[Container] Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED\n');
});

test('a build that failed is kept, too, and its code stays', async () => {
  const { code, kept } = await keep([{ files: ['README.md'] }], { commands: ['exit 7'] });
  expect({ code, kept }).toEqual({ code: 7, kept: ['primary/README.md'] });
});
