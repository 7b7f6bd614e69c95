import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createIncludeCache } from './include-cache.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-include-cache-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  [
    'a pipe that nobody writes to',
    (path: string) => {
      rmSync(path);
      execFileSync('mkfifo', [path]);
    },
  ],
  ['larger than anything kept', (path: string) => truncateSync(path, 10_000_000_000)],
])('a kept file that has become %s is damaged, and not read', async (name, damage) => {
  const warnings: string[] = [];
  const cache = createIncludeCache(join(folder, name), (message) => warnings.push(message));
  const digest = await cache.put('origin', Buffer.from(name));
  expect(await cache.get('origin', digest)).toMatchObject({ kind: 'kept' });
  const [path] = readdirSync(join(folder, name), { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  damage(path ?? '');
  expect(await cache.get('origin', digest)).toEqual({ kind: 'damaged' });
  expect(warnings).toEqual([expect.stringContaining('was damaged')]);
  expect(await cache.get('origin', digest)).toEqual({ kind: 'absent' });
});
