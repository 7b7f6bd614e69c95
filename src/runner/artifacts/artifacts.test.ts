import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../base/app-error.ts';
import type { JobArtifact } from '../../protocol/index.ts';
import { readTree } from '../archive/test-support/read-tree.ts';
import { recordingLog } from '../archive/test-support/recording-log.ts';
import { type Tree, temporaryFolders, writeTree } from '../archive/test-support/temporary-folder.ts';
import type { ArtifactStore } from '../ports.ts';
import { collectArtifacts } from './collect-artifacts.ts';
import { createFolderArtifactStore } from './folder-artifact-store.ts';
import { readArtifactFile } from './read-artifact-file.ts';
import { restoreArtifacts } from './restore-artifacts.ts';

const makeFolder = temporaryFolders();
const { signal } = new AbortController();

function artifact(given: Partial<JobArtifact>): JobArtifact {
  return {
    type: 'archive',
    name: null,
    paths: [],
    exclude: [],
    untracked: false,
    when: 'on_success',
    expireIn: null,
    ...given,
  };
}

async function collect(
  tree: Tree,
  artifacts: readonly JobArtifact[],
  given: { readonly store?: ArtifactStore } = {},
) {
  const workspace = await makeFolder();
  await writeTree(workspace, tree);
  const store = given.store ?? createFolderArtifactStore(await makeFolder());
  const log = recordingLog();
  const projectDir = '/builds/project';
  const result = await collectArtifacts({ store, jobId: 1, artifacts, workspace, projectDir, log, signal });
  return { ...result, store, lines: log.lines, workspace };
}

describe('what a job leaves', () => {
  test('comes back in the workspace of a later job, as it was', async () => {
    const { store, workspace } = await collect(
      { 'dist/a': 'x', 'dist/empty': '/', 'dist/link': { link: 'a' }, other: '' },
      [artifact({ paths: ['dist/'] })],
    );
    const later = await makeFolder();
    const log = recordingLog();
    const dependencies = [{ id: 1, name: 'build' }];
    expect(await restoreArtifacts({ store, dependencies, workspace: later, log, signal })).toEqual({
      kind: 'restored',
    });
    const { other: _other, ...expected } = await readTree(workspace);
    expect(await readTree(later)).toEqual(expected);
    expect(log.lines).toEqual(['Downloading artifacts from build (1)...', 'build: 2 files, 1 byte']);
  });

  test('is told in the log and to the server', async () => {
    const { stored, failure, lines } = await collect(
      { 'app/a': 'x'.repeat(2_000), 'app/b.tmp': '', 'r.xml': '<x/>' },
      [
        artifact({
          name: 'my/app',
          paths: ['app/', 'out/*.txt', '/builds/project/r.xml', '../etc'],
          exclude: ['**/*.tmp'],
        }),
        artifact({ type: 'junit', paths: ['r.xml'], when: 'always' }),
      ],
    );
    expect(failure).toBeNull();
    expect(stored).toEqual([
      { type: 'archive', fileName: 'my_app.tar', bytes: expect.any(Number), files: 2 },
      { type: 'junit', fileName: 'junit.tar', bytes: expect.any(Number), files: 1 },
    ]);
    expect(lines.map((line) => line.replace(/\d+ bytes stored/, 'N bytes stored'))).toEqual([
      'Uploading artifacts...',
      'app/: found 2 matching artifact files and directories',
      'WARNING: out/*.txt: no matching files. Is the artifact path relative to the project directory?',
      '/builds/project/r.xml: found 1 matching artifact file or directory',
      'WARNING: ../etc: not inside the project directory.',
      '**/*.tmp: excluded 1 files and directories',
      'my_app.tar: 2 files, 2.0 KB (N bytes stored)',
      'Uploading artifacts as "junit"...',
      'r.xml: found 1 matching artifact file or directory',
      'junit.tar: 1 file, 4 bytes (N bytes stored)',
    ]);
  });

  test('may be nothing, which is no failure', async () => {
    const { stored, failure, lines, store } = await collect({}, [artifact({ paths: ['dist'] })]);
    expect({ stored, failure }).toEqual({ stored: [], failure: null });
    expect(lines.at(-1)).toBe('ERROR: No files to upload');
    expect(await store.get(1)).toBeNull();
  });

  test('is a failure when the store refuses it, and the rest is still tried', async () => {
    const folder = createFolderArtifactStore(await makeFolder());
    const store: ArtifactStore = {
      ...folder,
      async put(jobId, one, fileName, archive) {
        if (one.type !== 'archive') return folder.put(jobId, one, fileName, archive);
        archive.destroy();
        throw new AppError('disk-full', 'There is no room left.', { hint: 'Free some.' });
      },
    };
    const { stored, failure } = await collect(
      { a: '' },
      [artifact({ paths: ['a'] }), artifact({ type: 'junit', paths: ['a'] })],
      { store },
    );
    expect(failure).toBe('There is no room left. Free some.');
    expect(stored.map(({ type }) => type)).toEqual(['junit']);
  });
});

describe('what a job needs', () => {
  test('is unpacked in order, a later job over an earlier one', async () => {
    const store = createFolderArtifactStore(await makeFolder());
    for (const [jobId, content] of [
      [1, 'first'],
      [2, 'second'],
    ] as const) {
      const workspace = await makeFolder();
      await writeTree(workspace, { same: content, [`own-${jobId}`]: '' });
      const artifacts = [artifact({ paths: ['.'] })];
      await collectArtifacts({ store, jobId, artifacts, workspace, log: recordingLog(), signal });
    }
    const workspace = await makeFolder();
    const dependencies = [
      { id: 1, name: 'one' },
      { id: 2, name: 'two' },
    ];
    await restoreArtifacts({ store, dependencies, workspace, log: recordingLog(), signal });
    const tree = await readTree(workspace);
    expect(Object.keys(tree)).toEqual(['own-1', 'own-2', 'same']);
    expect(tree.same?.content).toBe('second');
  });

  test('is missing when the store has it no longer', async () => {
    const store = createFolderArtifactStore(await makeFolder());
    const dependency = { id: 5, name: 'build' };
    const workspace = await makeFolder();
    const result = await restoreArtifacts({
      store,
      dependencies: [dependency],
      workspace,
      log: recordingLog(),
      signal,
    });
    expect(result).toMatchObject({
      kind: 'missing',
      dependency,
      message: expect.stringContaining('"build" (5)'),
    });
  });

  test('never leaves the workspace, also when the workspace was turned into a link', async () => {
    const { store } = await collect({ a: 'x' }, [artifact({ paths: ['a'] })]);
    const parent = await makeFolder();
    await mkdir(join(parent, 'outside'));
    await symlink('outside', join(parent, 'workspace'));
    const dependencies = [{ id: 1, name: 'build' }];
    const workspace = join(parent, 'workspace');
    await expect(
      restoreArtifacts({ store, dependencies, workspace, log: recordingLog(), signal }),
    ).rejects.toThrow();
    expect(await readTree(join(parent, 'outside'))).toEqual({});
  });
});

describe('one file of an archive', () => {
  test.each([
    ['child.yml', 'a: 1'],
    ['./gen/child.yml', 'b: 2'],
    ['/gen/child.yml', 'b: 2'],
    ['gen', null],
    ['gone.yml', null],
    ['../child.yml', null],
    ['large', null],
    ['link', null],
  ])('%s', async (path, expected) => {
    const { store } = await collect(
      {
        'child.yml': 'a: 1',
        'gen/child.yml': 'b: 2',
        large: 'x'.repeat(1_100_000),
        link: { link: '/etc/passwd' },
      },
      [artifact({ paths: ['.'] })],
    );
    expect(await readArtifactFile(store, 1, path)).toBe(expected);
  });

  test('of a job that has no archive', async () => {
    const store: ArtifactStore = { put: async () => ({ bytes: 0 }), get: async () => null };
    expect(await readArtifactFile(store, 1, 'a')).toBeNull();
  });

  test('out of bytes that are no archive', async () => {
    const store: ArtifactStore = {
      put: async () => ({ bytes: 0 }),
      get: async () => Readable.from([Buffer.alloc(600, 'x')]),
    };
    await expect(readArtifactFile(store, 1, 'a')).rejects.toMatchObject({ code: 'archive-damaged' });
  });
});
