import { execFileSync } from 'node:child_process';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolders } from '../../archive/test-support/temporary-folder.ts';
import { claimMirrors } from './claim-mirrors.ts';
import { readRepositoryAddress } from './repository-address.ts';
import { repackMirror, tidyMirrors } from './tidy-mirrors.ts';

const makeFolder = temporaryFolders();

describe('the folder with mirrors', () => {
  it('goes from one runner to the next with what is in it, and is never that of two', async () => {
    const root = join(await makeFolder(), 'mirrors');
    const first = await claimMirrors(root);
    await writeFile(join(first.path, 'one'), '');
    const second = await claimMirrors(root);
    expect(await readdir(second.path)).toEqual([]);
    await first[Symbol.asyncDispose]();
    const third = await claimMirrors(root);
    expect(await readdir(third.path)).toEqual(['one']);
    await second[Symbol.asyncDispose]();
    await third[Symbol.asyncDispose]();
  });

  it('is taken over from a runner that was killed', async () => {
    const root = join(await makeFolder(), 'mirrors');
    const killed = join(root, 'run-999999999-1-abc-def-x', 'mirrors');
    await mkdir(join(killed, 'one'), { recursive: true });
    await using mirrors = await claimMirrors(root);
    expect(await readdir(mirrors.path)).toEqual(['one']);
  });

  it('loses what was used longest ago when it is too large', async () => {
    const folder = await makeFolder();
    for (const [index, name] of ['old', 'older', 'new'].entries()) {
      await mkdir(join(folder, name, 'objects'), { recursive: true });
      await writeFile(join(folder, name, 'objects', 'pack'), Buffer.alloc(1_000));
      const used = [2, 1, 3][index] ?? 0;
      await utimes(join(folder, name), used, used);
    }
    await tidyMirrors(folder, 2_500);
    expect((await readdir(folder)).sort()).toEqual(['new', 'old']);
    await tidyMirrors(folder, 0);
    expect(await readdir(folder)).toEqual([]);
  });

  it('holds mirrors with fewer packs after they were put together, and nothing is lost', async () => {
    const folder = await makeFolder();
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
        cwd: folder,
        encoding: 'utf8',
      });
    git('init', '-q', '-b', 'main');
    for (let count = 0; count < 5; count += 1) {
      git('commit', '-q', '--allow-empty', '-m', String(count));
      git('repack', '-q', '-d');
    }
    const packs = async () =>
      (await readdir(join(folder, '.git/objects/pack'))).filter((name) => name.endsWith('.pack'));
    const before = (await packs()).length;
    for (let count = 0; count < 3; count += 1) await repackMirror(folder);
    expect((await packs()).length).toBeLessThan(before);
    expect(git('rev-list', '--count', 'main').trim()).toBe('5');
    git('fsck', '--strict');
  });
});

describe('the address of a repository', () => {
  it('is taken apart from what opens it', () => {
    expect(readRepositoryAddress('https://gitlab-ci-token:a%40b@ci.example.com:8443/g/p.git')).toEqual({
      url: 'https://ci.example.com:8443/g/p.git',
      protocol: 'https',
      origin: 'https://ci.example.com:8443',
      user: 'gitlab-ci-token',
      password: 'a@b',
    });
  });

  it.each(['file:///etc', 'ext::sh -c id', '/etc', 'ssh://git@host/p.git', '--upload-pack=x', ''])(
    'is none when it is %j',
    (address) => {
      expect(() => readRepositoryAddress(address)).toThrow('begins with http');
    },
  );
});
