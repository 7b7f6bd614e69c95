import { mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { removeTree } from '../../folder/remove-tree.ts';
import { baseEnvironment, systemSearchPath } from '../base-environment.ts';
import { findShell } from '../find-shell.ts';
import type { SandboxLayout } from './mount-plan.ts';
import type { PreparedRoot } from './prepared-root.ts';
import { probeSandbox } from './probe-sandbox.ts';
import { createRootPool, type RootPool } from './root-pool.ts';

const searchPath = systemSearchPath(process.platform);
const shell = await findShell(searchPath);
const environment = baseEnvironment({ searchPath, home: '/', shell });
const support = await probeSandbox({ scratchRoot: tmpdir(), shell, environment });
const { signal } = new AbortController();

/** More than are kept on any machine. */
const MANY = Math.max(8, availableParallelism()) + 4;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-roots-'));
  await mkdir(join(folder, 'roots'));
});
afterEach(() => removeTree(folder));

if (support.kind === 'impossible') {
  test('roots wait for jobs', (context) => context.skip(`needs sandboxes: ${support.reason}`));
}

describe.runIf(support.kind === 'possible')('of roots that wait for a job', () => {
  test('the next job of the same checkout gets one', async () => {
    await using pool = open();
    const layout = await checkout('a');
    const both = [await pool.take(layout, signal), await pool.take(layout, signal)];
    for (const root of both) await pool.giveBack(layout, root);
    const again = [await pool.take(layout, signal), await pool.take(layout, signal)];
    expect(new Set(again)).toEqual(new Set(both));
    for (const root of again) await pool.giveBack(layout, root);
  });

  test('only a few are kept, however many checkouts there were, and those of the last', async () => {
    await using pool = open();
    const used: { layout: SandboxLayout; root: PreparedRoot }[] = [];
    for (let at = 0; at < MANY; at += 1) {
      const layout = await checkout(`commit-${at}`);
      used.push({ layout, root: await useOnce(pool, layout) });
    }
    await eventually(() => used.filter(({ root }) => !root.hasEnded()).length).toBe(MANY - 4);
    expect(used.slice(0, 4).every(({ root }) => root.hasEnded())).toBe(true);
    await eventually(async () => (await readdir(join(folder, 'roots'))).length).toBe(MANY - 4);
  });

  test('one ends whose checkout is gone', async () => {
    await using pool = open();
    const gone = await checkout('gone');
    const kept = await checkout('kept');
    const root = await useOnce(pool, gone);
    await removeTree(join(folder, 'gone'));
    const other = await useOnce(pool, kept);
    await eventually(() => root.hasEnded()).toBe(true);
    expect(other.hasEnded()).toBe(false);
  });

  test('none outlives the pool', async () => {
    const used: PreparedRoot[] = [];
    {
      await using pool = open();
      for (const name of ['a', 'b']) used.push(await useOnce(pool, await checkout(name)));
      await removeTree(join(folder, 'a'));
      used.push(await useOnce(pool, await checkout('c')));
    }
    expect(used.every((root) => root.hasEnded())).toBe(true);
    expect(await readdir(join(folder, 'roots'))).toEqual([]);
  });
});

function open(): RootPool {
  const privilege = support.kind === 'possible' ? support.privilege : 'root';
  return createRootPool({
    ...{ parent: join(folder, 'roots'), privilege, shell, environment, reuse: 'when-untouched' },
  });
}

async function checkout(name: string): Promise<SandboxLayout> {
  const lower = join(folder, name);
  await mkdir(lower);
  return {
    ...{ scratchDir: '/builds/group/project.tmp', projectDir: '/builds/group/project' },
    ...{ workspace: { lower }, references: [], volumes: [], homeDir: null, sockets: [] },
  };
}

async function useOnce(pool: RootPool, layout: SandboxLayout): Promise<PreparedRoot> {
  const root = await pool.take(layout, signal);
  await pool.giveBack(layout, root);
  return root;
}

/** As long as a busy machine may take. */
function eventually<T>(ask: () => T) {
  return expect.poll(ask, { timeout: 15_000 });
}
