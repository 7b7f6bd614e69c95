import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeTree } from './remove-tree.ts';
import { createTrash } from './trash.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-trash-'));
});
afterEach(() => removeTree(root));

describe('a trash', () => {
  it('has removed all that was put into it once it is empty, also while it was being emptied', async () => {
    const trash = createTrash();
    for (let count = 0; count < 20; count++) {
      const folder = join(root, `-folder ${count}`);
      await mkdir(join(folder, 'deep'), { recursive: true });
      await writeFile(join(folder, 'deep', 'file'), 'x');
      trash.put(folder);
    }
    await trash.empty();
    expect(await readdir(root)).toEqual([]);
  });

  it('is empty when nothing was put into it, or what is gone already', async () => {
    const trash = createTrash();
    await trash.empty();
    trash.put(join(root, 'gone'));
    await trash.empty();
    expect(await readdir(root)).toEqual([]);
  });
});
