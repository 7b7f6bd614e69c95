import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { askRepository } from './repository.ts';

test.runIf(process.getuid?.() === 0)(
  'a repository of another user is refused, not taken for none',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-foreign-'));
    execFileSync('git', ['init', '--quiet', folder]);
    for (const path of [folder, join(folder, '.git')]) chownSync(path, 65534, 65534);
    await expect(askRepository(folder).root).rejects.toMatchObject({ code: 'git-failed' });
    rmSync(folder, { recursive: true });
  },
);
