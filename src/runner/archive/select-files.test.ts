import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type FileRequest, type FileSelection, selectFiles } from './select-files.ts';
import { type Tree, temporaryFolders, writeTree } from './test-support/temporary-folder.ts';

const run = promisify(execFile);
const makeFolder = temporaryFolders();

async function select(
  workspace: string,
  request: Partial<FileRequest>,
  projectDir = '/builds/group/project',
): Promise<FileSelection> {
  const requests = [{ paths: [], exclude: [], untracked: false, ...request }];
  const [selection] = await selectFiles({
    workspace,
    projectDir,
    requests,
    signal: new AbortController().signal,
  });
  if (selection === undefined) throw new Error('no selection');
  return selection;
}

function names(selection: FileSelection): string[] {
  return selection.entries
    .map(
      ({ directory, name, kind }) =>
        `${directory === '' ? '' : `${directory}/`}${name}${kind === 'directory' ? '/' : ''}`,
    )
    .sort();
}

const tree: Tree = {
  '.env': '',
  '.git/config': '',
  'a.txt': '',
  'b.md': '',
  'dist/.hidden': '',
  'dist/app.js': '',
  'dist/lib/x.js': '',
  'dist/lib/x.css': '',
  'dist/empty': '/',
  'link-to-dist': { link: 'dist' },
  'out of the way': { link: '/etc' },
  'src/main.ts': '',
};

const ALL_OF_DIST = [
  'dist/',
  'dist/.hidden',
  'dist/app.js',
  'dist/empty/',
  'dist/lib/',
  'dist/lib/x.css',
  'dist/lib/x.js',
];

describe('paths', () => {
  test.each<[string, string[]]>([
    ['a.txt', ['a.txt']],
    ['./a.txt', ['a.txt']],
    ['src/../a.txt', ['a.txt']],
    ['/builds/group/project/a.txt', ['a.txt']],
    ['*.txt', ['a.txt']],
    ['*.{txt,md}', ['a.txt', 'b.md']],
    ['.*', ['.env']],
    ['dist', ALL_OF_DIST],
    ['dist/', ALL_OF_DIST],
    ['dist/**', ALL_OF_DIST],
    ['/builds/group/project/dist/', ALL_OF_DIST],
    ['d*', ALL_OF_DIST],
    ['dist/*', ALL_OF_DIST.slice(1)],
    ['dist/*.js', ['dist/app.js']],
    ['dist/lib/x.[jc]s*', ['dist/lib/x.css', 'dist/lib/x.js']],
    ['**/*.js', ['dist/app.js', 'dist/lib/x.js']],
    ['**/x.*', ['dist/lib/x.css', 'dist/lib/x.js']],
    ['**/lib', ['dist/lib/', 'dist/lib/x.css', 'dist/lib/x.js']],
    ['link-to-dist', ['link-to-dist']],
    ['link-to-dist/app.js', []],
    ['link-to-dist/', ['link-to-dist']],
    ['out of the way/passwd', []],
    ['nothing/here', []],
    ['DIST', []],
  ])('%s', async (pattern, expected) => {
    const folder = await makeFolder();
    await writeTree(folder, tree);
    const selection = await select(folder, { paths: [pattern] });
    expect(names(selection)).toEqual(expected);
    expect(selection.paths).toEqual([{ pattern, count: expected.length, problem: null }]);
  });

  test.each(['.', './', '**', '/builds/group/project', '/builds/group/project/'])(
    '%s is everything but .git',
    async (pattern) => {
      const folder = await makeFolder();
      await writeTree(folder, tree);
      const selected = names(await select(folder, { paths: [pattern] }));
      expect(selected).toEqual(
        [
          '.env',
          'a.txt',
          'b.md',
          ...ALL_OF_DIST,
          'link-to-dist',
          'out of the way',
          'src/',
          'src/main.ts',
        ].sort(),
      );
    },
  );

  test.each([
    ['../other', 'not inside the project directory'],
    ['dist/../../other', 'not inside the project directory'],
    ['/etc/passwd', 'not inside the project directory'],
    ['/builds/group/project-two/a', 'not inside the project directory'],
    ['/builds/group/project/../two', 'not inside the project directory'],
    ['.git', "git's own folder is never included"],
    ['.git/config', "git's own folder is never included"],
    ['', 'the path is empty'],
    ['[a', 'a bracket that is never closed, or nothing after a backslash'],
  ])('%s is refused', async (pattern, problem) => {
    const folder = await makeFolder();
    await writeTree(folder, tree);
    const selection = await select(folder, { paths: [pattern] });
    expect(selection.entries).toEqual([]);
    expect(selection.paths[0]?.problem).toBe(problem);
  });

  test('an entry that two paths match is taken once and counted for both', async () => {
    const folder = await makeFolder();
    await writeTree(folder, tree);
    const selection = await select(folder, { paths: ['dist', '**/*.js'] });
    expect(names(selection)).toEqual(ALL_OF_DIST);
    expect(selection.paths.map(({ count }) => count)).toEqual([7, 2]);
  });

  test('several requests are answered in one walk, each for itself', async () => {
    const folder = await makeFolder();
    await writeTree(folder, tree);
    const requests = [
      { paths: ['dist/'], exclude: ['**/*.css'], untracked: false },
      { paths: ['*.md'], exclude: [], untracked: false },
    ];
    const selections = await selectFiles({
      workspace: folder,
      requests,
      signal: new AbortController().signal,
    });
    expect(selections.map(names)).toEqual([ALL_OF_DIST.filter((path) => !path.endsWith('.css')), ['b.md']]);
  });

  test('a directory stands right before what is below it, after the files beside it', async () => {
    const folder = await makeFolder();
    await writeTree(folder, { 'a/1': '', 'a/b/2': '', 'a/c': '', 'd/e/f': '', g: '' });
    const { entries } = await select(folder, { paths: ['.'] });
    const order = entries.map(({ directory, name }) => (directory === '' ? name : `${directory}/${name}`));
    expect(order).toEqual(['g', 'a', 'a/1', 'a/c', 'a/b', 'a/b/2', 'd', 'd/e', 'd/e/f']);
  });
});

describe('exclude', () => {
  test.each<[string, string[]]>([
    ['dist/lib', ['dist/lib/']],
    ['dist/lib/', ['dist/lib/']],
    ['dist/lib/*', ['dist/lib/x.css', 'dist/lib/x.js']],
    ['dist/*', ['dist/.hidden', 'dist/app.js', 'dist/empty/', 'dist/lib/']],
    ['dist/lib/**', ['dist/lib/', 'dist/lib/x.css', 'dist/lib/x.js']],
    ['dist/**/*', ALL_OF_DIST.slice(1)],
    ['*.js', []],
    ['**/*.js', ['dist/app.js', 'dist/lib/x.js']],
    ['/builds/group/project/dist/app.js', ['dist/app.js']],
    ['../x', []],
  ])('%s does not recurse by itself', async (pattern, excluded) => {
    const folder = await makeFolder();
    await writeTree(folder, tree);
    const selection = await select(folder, { paths: ['dist'], exclude: [pattern] });
    expect(names(selection)).toEqual(ALL_OF_DIST.filter((path) => !excluded.includes(path)));
    expect(selection.exclude[0]?.count).toBe(excluded.length);
  });
});

describe('untracked', () => {
  async function repository(): Promise<string> {
    const folder = await makeFolder();
    await run('git', ['init', '-q'], { cwd: folder });
    await writeTree(folder, {
      '.gitignore': '*.log\nbuild/\n',
      tracked: '',
      'dir/tracked': '',
      'link-tracked': { link: 'x' },
    });
    await run('git', ['add', '.'], { cwd: folder });
    await writeTree(folder, {
      new: '',
      'dir/new': '',
      'ignored.log': '',
      'build/out': '',
      empty: '/',
      'link-new': { link: '/etc' },
    });
    return folder;
  }

  test('is what git does not track, ignored files too', async () => {
    const folder = await repository();
    const { stdout } = await run('git', ['ls-files', '--others', '-z'], { cwd: folder });
    const selection = await select(folder, { untracked: true });
    expect(names(selection)).toEqual(
      stdout
        .split('\0')
        .filter((path) => path !== '')
        .sort(),
    );
    expect(names(selection)).toEqual(['build/out', 'dir/new', 'ignored.log', 'link-new', 'new']);
    expect(selection.untracked).toBe(5);
  });

  test('respects exclude, and joins with paths', async () => {
    const folder = await repository();
    const selection = await select(folder, {
      untracked: true,
      paths: ['tracked', 'new'],
      exclude: ['**/*.log'],
    });
    expect(names(selection)).toEqual(['build/out', 'dir/new', 'link-new', 'new', 'tracked']);
  });

  test('leaves out a repository inside the repository, and says so', async () => {
    const folder = await repository();
    await writeTree(folder, { 'vendor/own/file': '' });
    await run('git', ['init', '-q'], { cwd: join(folder, 'vendor/own') });
    const selection = await select(folder, { untracked: true });
    expect(names(selection)).not.toContain('vendor/own/file');
    expect(selection.warnings.join()).toContain('vendor/own: a git repository of its own');
  });

  test('is everything where there is no git', async () => {
    const folder = await makeFolder();
    await writeTree(folder, { a: '', 'b/c': '' });
    expect(names(await select(folder, { untracked: true }))).toEqual(['a', 'b/c']);
  });

  test('starts no program that the repository names', async () => {
    const folder = await repository();
    await run('git', ['config', 'core.fsmonitor', `touch ${join(folder, 'HARM')}; echo`], { cwd: folder });
    expect(names(await select(folder, { untracked: true }))).not.toContain('HARM');
    expect(names(await select(folder, { paths: ['HARM'] }))).toEqual([]);
  });
});

describe('a hostile tree', () => {
  test('special files are left out with a warning', async () => {
    const folder = await makeFolder();
    await run('mkfifo', [join(folder, 'pipe')]);
    const server = createServer().listen(join(folder, 'socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    await writeFile(join(folder, 'file'), '');
    const selection = await select(folder, { paths: ['.'] });
    server.close();
    expect(names(selection)).toEqual(['file']);
    expect(selection.warnings).toEqual([
      'pipe: neither a file, a directory nor a symbolic link, skipped',
      'socket: neither a file, a directory nor a symbolic link, skipped',
    ]);
  });

  test('a name that is not UTF-8 is left out with a warning', async () => {
    const folder = await makeFolder();
    await writeFile(Buffer.concat([Buffer.from(`${folder}/x`), Buffer.from([0xff])]), '');
    const selection = await select(folder, { paths: ['.'] });
    expect(selection.entries).toEqual([]);
    expect(selection.warnings[0]).toContain('not valid UTF-8');
  });

  test('a project directory that is a link, or gone, is not read', async () => {
    const folder = await makeFolder();
    await symlink('/etc', join(folder, 'project'));
    for (const name of ['project', 'gone']) {
      const selection = await select(join(folder, name), { paths: ['.'], untracked: true });
      expect(selection.entries).toEqual([]);
      expect(selection.warnings[0]).toContain('the project directory cannot be read');
    }
  });

  test('below /proc/PID/root no link on the way is followed', async () => {
    const folder = await makeFolder();
    await writeTree(folder, { 'real/a': '', link: { link: `${folder}/real` } });
    const root = `/proc/${process.pid}/root`;
    expect(names(await select(`${root}${folder}/real`, { paths: ['.'] }))).toEqual(['a']);
    expect(names(await select(`${root}${folder}/link`, { paths: ['.'] }))).toEqual([]);
  });

  test('directories without end are cut, with a warning', async () => {
    const folder = await makeFolder();
    await mkdir(join(folder, Array.from({ length: 260 }, () => 'd').join('/')), { recursive: true });
    const selection = await select(folder, { paths: ['.'] });
    expect(selection.entries.length).toBe(201);
    expect(selection.warnings[0]).toContain('too deep in directories');
  });

  test('an abort ends the walk', async () => {
    const folder = await makeFolder();
    await writeTree(folder, tree);
    const requests = [{ paths: ['.'], exclude: [], untracked: false }];
    const reason = new Error('enough');
    await expect(
      selectFiles({ workspace: folder, requests, signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });
});
