import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, mkdir, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeTree } from './remove-tree.ts';
import { createRunFolder, removeAbandonedRuns } from './run-folder.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-folder-'));
});
afterEach(() => removeTree(root));

describe('run folders', () => {
  it('belong to the process that made them as long as it lives', async () => {
    const folder = await createRunFolder(root);
    expect((await lstat(folder.path)).mode & 0o777).toBe(0o700);
    expect(await removeAbandonedRuns(root)).toEqual([]);
    await folder[Symbol.asyncDispose]();
    expect(await readdir(root)).toEqual([]);
  });

  it('of a killed process are removed by the next run, and nothing else is', async () => {
    const module = JSON.stringify(new URL('./run-folder.ts', import.meta.url).pathname);
    const program = `
      const { createRunFolder } = await import(${module});
      console.log((await createRunFolder(${JSON.stringify(root)})).path);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(child.stdout, 'data');
    const path = String(line).trim();
    await mkdir(join(root, 'logs'));
    expect(await removeAbandonedRuns(root)).toEqual([]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await removeAbandonedRuns(root)).toEqual([path]);
    expect(await readdir(root)).toEqual(['logs']);
  });

  it('whose process number is used by another process now are removed', async () => {
    const own = await createRunFolder(root);
    const stale = own.path.replace(/run-(\d+)-[0-9a-f]+-/, 'run-$1-1-');
    await mkdir(stale);
    expect(await removeAbandonedRuns(root)).toEqual([stale]);
  });

  it('may be missing altogether', async () => {
    expect(await removeAbandonedRuns(join(root, 'none'))).toEqual([]);
  });
});

describe('removing a tree', () => {
  it('opens folders that nobody may enter, and follows no link', async () => {
    const outside = join(root, 'outside');
    await mkdir(join(root, 'tree', 'closed'), { recursive: true });
    await mkdir(outside);
    await writeFile(join(outside, 'file'), 'x');
    await writeFile(join(root, 'tree', 'closed', 'file'), 'x');
    await symlink(outside, join(root, 'tree', 'link'));
    await chmod(join(root, 'tree', 'closed'), 0);
    await removeTree(join(root, 'tree'));
    expect(await readdir(root)).toEqual(['outside']);
    expect(await readdir(outside)).toEqual(['file']);
  });
});
